from pathlib import Path

import pytest

from rtcstack.appliance.secrets import make_missing, write_private
from rtcstack.settings import SECRETS, load


def test_the_first_start_makes_every_secret_for_the_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = make_missing(load({}, data=data))
    assert {file.name for file in made} == {f"{section}_{name}" for section, name in SECRETS}
    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}
    assert made[0].parent.stat().st_mode & 0o777 == 0o700
    settings = load({}, data=data)
    values = [getattr(getattr(settings, section), name).get_secret_value() for section, name in SECRETS]
    assert len(set(values)) == len(SECRETS)
    assert min(map(len, values)) >= 16


def test_the_second_start_keeps_them(tmp_path: Path) -> None:
    make_missing(load({}, data=tmp_path))
    first = load({}, data=tmp_path)
    assert make_missing(first) == []
    assert load({}, data=tmp_path) == first


def test_what_is_configured_is_not_made(tmp_path: Path) -> None:
    environ = {"RTCSTACK_REDIS__PASSWORD": "chosen by the user"}
    assert "redis_password" not in {file.name for file in make_missing(load(environ, data=tmp_path))}


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_private(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "\ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
