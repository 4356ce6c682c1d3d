from pathlib import Path

import pytest

from rtcstack.settings.loading import SettingsError
from rtcstack.settings.plans import load_plans


def test_the_plans_that_ship_are_those_of_the_documents() -> None:
    plans = load_plans()
    assert plans.names == ("free", "growth", "scale", "self-hosted")
    assert [plans.get(name).moderation for name in plans.names] == [False, True, True, True]
    own = plans.get("self-hosted")
    assert (own.max_participants, own.simultaneous_recordings, own.stored_bytes) == (None, None, None)
    assert [plans.get(name).max_participants for name in plans.names] == [10, 100, 1000, None]


def test_a_file_of_ones_own_replaces_them(tmp_path: Path) -> None:
    file = tmp_path / "plans.toml"
    file.write_text("[trial]\nmax_participants = 3\nstored_bytes = 5\n")
    plan = load_plans(file).get("trial")
    assert (plan.name, plan.max_participants, plan.stored_bytes) == ("trial", 3, 5)
    assert (plan.simultaneous_recordings, plan.moderation) == (None, False)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[a]\nmax_participants = 0\n", "a.max_participants"),
        ("[a]\nmax_participants = 4294967296\n", "a.max_participants"),
        ("[a]\nmax_participants = 1\nseats = 2\n", "a.seats"),
        ("[a]\nmax_participants = 1\nstored_bytes = -1\n", "a.stored_bytes"),
        ("['A B']\nmax_participants = 1\n", "A B"),
        ("[a\n", "plans.toml"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "plans.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=fault):
        load_plans(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        load_plans(tmp_path / "nowhere.toml")


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "plans.toml"
    file.write_text("[a]\nmax_participants = 0\n[b]\nmax_participants = 'x'\n")
    with pytest.raises(SettingsError) as refused:
        load_plans(file)
    assert "a.max_participants" in str(refused.value)
    assert "b.max_participants" in str(refused.value)
