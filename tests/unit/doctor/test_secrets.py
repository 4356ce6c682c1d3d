"""Secrets that others can read, and files that belong to somebody else."""

from pathlib import Path

import pytest

from rtcstack.appliance.secrets import make_missing
from rtcstack.doctor.checks import secrets
from rtcstack.doctor.checks.secrets import Owned, Rights
from rtcstack.doctor.finding import Level
from rtcstack.doctor.scene import Scene
from tests.unit.doctor.conftest import MakeScene


@pytest.fixture
def scene(make_scene: MakeScene) -> Scene:
    """A data folder as a first start leaves it."""
    made = make_scene()
    made.settings.data.mkdir(mode=0o700)
    make_missing(made.settings)
    (made.settings.data / "rtcstack.db").touch(0o600)
    return made


async def _levels(scene: Scene) -> dict[str, set[Level]]:
    facts = await secrets.look(scene)
    return {name: {v.level for v in check(scene, facts)} for name, check in secrets.FAMILY.checks.items()}


async def test_a_first_starts_folder_is_well(scene: Scene) -> None:
    assert await _levels(scene) == {"readers": {Level.OK}, "folder": {Level.OK}, "owner": {Level.OK}}


@pytest.mark.parametrize("name", ["secrets/sealing_key", "secrets", "rtcstack.db"])
async def test_what_others_can_read_is_told_with_the_command(scene: Scene, name: str) -> None:
    path = scene.settings.data / name
    path.chmod(0o750 if path.is_dir() else 0o644)
    [verdict] = secrets.readers(scene, await secrets.look(scene))
    assert verdict.level is Level.ERROR
    assert verdict.seen.startswith(f"{path} can be read by others (mode 0")
    assert verdict.cure.endswith(f"  chmod go= {path}")


async def test_a_secret_that_a_setting_names_is_looked_at_too(make_scene: MakeScene, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s")
    scene = make_scene({"RTCSTACK_REDIS__PASSWORD_FILE": str(file)})
    file.chmod(0o640)
    assert [v.level for v in secrets.readers(scene, await secrets.look(scene))] == [Level.OK]
    file.chmod(0o644)
    assert [v.level for v in secrets.readers(scene, await secrets.look(scene))] == [Level.ERROR]


@pytest.mark.parametrize(("mode", "level"), [(0o700, Level.OK), (0o750, Level.OK), (0o755, Level.WARNING)])
async def test_a_folder_that_others_can_enter(scene: Scene, mode: int, level: Level) -> None:
    scene.settings.data.chmod(mode)
    [verdict] = secrets.folder(scene, await secrets.look(scene))
    assert verdict.level is level


def test_a_folder_of_another_user(scene: Scene) -> None:
    data = Owned(scene.settings.data, 0, 0o700)
    [verdict] = secrets.folder(scene, Rights(data, may_write=False, user_id=1000))
    assert verdict.level is Level.ERROR
    assert "cannot be written by this user (id 1000); it belongs to user 0" in verdict.seen


def test_what_a_command_as_root_left_is_told(scene: Scene) -> None:
    data = Owned(scene.settings.data, 1000, 0o700)
    inside = tuple(
        Owned(scene.settings.data / name, user, 0o600) for name, user in (("a", 0), ("b", 1000), ("c", 0))
    )
    [verdict] = secrets.owner(scene, Rights(data, inside))
    assert verdict.level is Level.ERROR
    assert verdict.seen.startswith(f"{inside[0].path} and 1 more belongs to user 0")
    assert verdict.cure.endswith(f"  sudo chown -R 1000 {scene.settings.data}")
