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
    assert verdict.cure == "Write `port = …` under `[api]`, or remove it."
    assert scene.settings.clips.workers == 3


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        (
            "RTCSTACK_RECORDINGS__DELETED_RETENTION_DAYS = 7\n",
            "`deleted_retention_days = …` under `[recordings]`",
        ),
        (
            "[api]\nRTCSTACK_RECORDINGS__DELETED_RETENTION_DAYS = 7\n",
            "`deleted_retention_days = …` under `[recordings]`",
        ),
        ('plan = "x"\n', "`plans = …` above the first section"),
    ],
)
async def test_what_was_meant_in_a_file_is_told_as_a_file_writes_it(
    make_scene: MakeScene, tmp_path: Path, text: str, instead: str
) -> None:
    file = tmp_path / "rtcstack.toml"
    file.write_text(text)
    scene = make_scene({"RTCSTACK_CONFIG": str(file)})
    [verdict] = config.unknown(scene, await config.look(scene))
    assert verdict.cure == f"Write {instead}, or remove it."


async def test_a_name_in_the_environment_is_told_so_beside_a_file_too(
    make_scene: MakeScene, tmp_path: Path
) -> None:
    file = tmp_path / "rtcstack.toml"
    file.write_text("[api]\nhost = 5\nport = 8081\n")
    scene = make_scene({"RTCSTACK_CONFIG": str(file), "RTCSTACK_API__PROT": "9"})
    facts = await config.look(scene)
    [verdict] = config.unknown(scene, facts)
    assert verdict.cure == "Write RTCSTACK_API__PORT, or remove it."
    [value] = config.values(scene, facts)
    assert value.seen == f'api.host in {file}: write it in quotation marks, "like this" (given: 5)'


async def test_a_name_in_small_letters_is_a_warning(make_scene: MakeScene) -> None:
    scene = make_scene({"rtcstack_api__port": "9"})
    [verdict] = config.unknown(scene, await config.look(scene))
    assert verdict.level is Level.WARNING
    assert verdict.cure == "Write RTCSTACK_API__PORT, or remove it."


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RTCSTACK_API__PORT", "99999", "less than or equal to 65535"),
        ("RTCSTACK_API__PORT", "x", "write a whole number, such as 8 (given: 'x')"),
        ("RTCSTACK_ROOMS__EMPTY_GRACE_S", "x", "write a number, such as 2.5"),
        ("RTCSTACK_PREVIEWS__ENABLED", "maybe", "write true or false (given: 'maybe')"),
        ("RTCSTACK_JOIN__FRAME_ANCESTORS", '"https://x"', 'this is a list: write it as ["https://x"]'),
        ("RTCSTACK_JOIN__FRAME_ANCESTORS", '["https://x.org/"]', "such as https://www.example.org"),
        ("RTCSTACK_STORAGE__BUCKET", "My_Bucket", "3 to 63 small letters"),
        ("RTCSTACK_SEALING__OLD_KEYS", '"canary"', 'this is a list: write it as ["one", "another"]'),
        ("RTCSTACK_WEBHOOKS__ALLOW_NETWORKS", "10.0.0.0/8", "write it as JSON"),
        ("RTCSTACK_WEBHOOKS__ALLOW_NETWORKS", '["10.0.0.0/8", "x"]', "such as 10.0.0.0/8 (given: 'x')"),
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
