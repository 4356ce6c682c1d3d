"""Settings that nothing reads, and values that cannot be used: told with the cure, and the rest is looked at."""

from pathlib import Path

import pytest

from rtcstack.doctor.checks import config
from rtcstack.doctor.finding import Level
from tests.unit.doctor.conftest import MakeScene


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RTCSTACK_API__PROT", "RTCSTACK_API__PORT"),
        ("RTCSTACK_LIVEKIT_PORT", "RTCSTACK_LIVEKIT__PORT"),
        ("RTCSTACK_STORAGE__BUKET", "RTCSTACK_STORAGE__BUCKET"),
    ],
)
async def test_an_unknown_name_in_the_environment_is_told_with_the_nearest_one(
    make_scene: MakeScene, name: str, meant: str
) -> None:
    scene = make_scene({name: "9"})
    [verdict] = config.unknown(scene, await config.look(scene))
    assert verdict.level is Level.ERROR
    assert verdict.seen == f"{name} in the environment: there is no such setting"
    assert verdict.cure == f"Write {meant}, or remove it."


async def test_a_name_that_is_like_none_is_to_be_removed(make_scene: MakeScene) -> None:
    scene = make_scene({"RTCSTACK_ZZZZ": "1"})
    [verdict] = config.unknown(scene, await config.look(scene))
    assert verdict.cure.startswith("Remove it;")


async def test_an_unknown_key_in_the_file_is_told_by_its_place_there(
    make_scene: MakeScene, tmp_path: Path
) -> None:
    file = tmp_path / "rtcstack.toml"
    file.write_text("[api]\nprot = 9\n[clips]\nworkers = 3\n")
    scene = make_scene({"RTCSTACK_CONFIG": str(file)})
    [verdict] = config.unknown(scene, await config.look(scene))
    assert verdict.seen == f"api.prot in {file}: there is no such setting"
    assert scene.settings.clips.workers == 3


async def test_a_name_in_small_letters_is_a_warning(make_scene: MakeScene) -> None:
    scene = make_scene({"rtcstack_api__port": "9"})
    [verdict] = config.unknown(scene, await config.look(scene))
    assert verdict.level is Level.WARNING
    assert verdict.cure == "Write RTCSTACK_API__PORT, or remove it."


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RTCSTACK_API__PORT", "99999", "less than or equal to 65535"),
        ("RTCSTACK_WEBHOOKS__ALLOW_NETWORKS", "10.0.0.0/8", "write it as JSON"),
        ("RTCSTACK_WEBHOOKS__ALLOW_NETWORKS", '["10.0.0.0/8", "x"]', "not a valid IPv"),
        ("RTCSTACK_REDIS__PASSWORD_FILE", "/nowhere", "cannot read /nowhere"),
        ("RTCSTACK_CONFIG", "/nowhere", "there is no file /nowhere"),
        ("RTCSTACK_PLANS", "/nowhere", "/nowhere: [Errno 2]"),
    ],
)
async def test_a_value_that_cannot_be_used_is_told_and_the_others_count(
    make_scene: MakeScene, name: str, value: str, words: str
) -> None:
    scene = make_scene({name: value, "RTCSTACK_CLIPS__WORKERS": "3"})
    verdicts = list(config.values(scene, await config.look(scene)))
    assert len(verdicts) == 1
    assert verdicts[0].level is Level.ERROR
    assert words in verdicts[0].seen
    assert scene.settings.clips.workers == 3


async def test_a_file_that_is_no_toml_is_named_and_left_out(make_scene: MakeScene, tmp_path: Path) -> None:
    file = tmp_path / "rtcstack.toml"
    file.write_text("[api\n")
    scene = make_scene({"RTCSTACK_CONFIG": str(file), "RTCSTACK_CLIPS__WORKERS": "3"})
    [verdict] = config.values(scene, await config.look(scene))
    assert verdict.seen.startswith(f"{file}: Expected ']'")
    assert scene.settings.clips.workers == 3


async def test_all_is_well_with_nothing_given(make_scene: MakeScene) -> None:
    scene = make_scene()
    facts = await config.look(scene)
    assert {v.level for check in config.FAMILY.checks.values() for v in check(scene, facts)} == {Level.OK}
