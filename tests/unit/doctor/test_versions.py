"""Pythons, packages and programs that do not fit."""

import pytest

from rtcstack.appliance.provision.missing import Missing
from rtcstack.doctor.checks import versions
from rtcstack.doctor.checks.versions import Versions
from rtcstack.doctor.finding import Level
from tests.unit.doctor.conftest import MakeScene

_FIT = {"python": (3, 11), "sqlite": (3, 40, 1)}


async def test_this_environment_is_as_it_is_required(make_scene: MakeScene) -> None:
    scene = make_scene(is_apart=True)
    facts = await versions.look(scene)
    assert facts.unfit == ()
    assert [v.level for v in versions.own(scene, facts)] == [Level.OK]
    assert list(versions.programs(scene, facts)) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"python": (3, 10)}, "Python is 3.10, 3.11 to 3.13 are supported"),
        ({"python": (3, 14)}, "Python is 3.14"),
        ({"sqlite": (3, 34, 1)}, "SQLite is 3.34.1, 3.37 or later is needed"),
        ({"unfit": ("av is 19.0, rtcstack needs >=18.1,<19",)}, "av is 19.0"),
    ],
)
def test_what_does_not_fit_is_told(make_scene: MakeScene, changed: dict[str, object], words: str) -> None:
    [verdict] = versions.own(make_scene(), Versions(**{**_FIT, **changed}))
    assert verdict.level is Level.ERROR
    assert words in verdict.seen


def test_programs_that_are_missing_or_old(make_scene: MakeScene) -> None:
    missing = Missing("Go 1.21 or later", "to build LiveKit", "curl … | tar -xz")
    [verdict] = versions.programs(make_scene(), Versions(**_FIT, missing=(missing,)))
    assert verdict.level is Level.ERROR
    assert verdict.cure == "Get it:\n  curl … | tar -xz"
    remarked = Missing("redis-server", "as the bus", "sudo apt-get install -y x    (or another package)")
    [verdict] = versions.programs(make_scene(), Versions(**_FIT, missing=(remarked,)))
    assert verdict.cure == "Get it (or another package):\n  sudo apt-get install -y x"
    [verdict] = versions.programs(make_scene(), Versions(**_FIT, programs={"redis-server": "5.0.14"}))
    assert verdict.level is Level.WARNING
    [verdict] = versions.programs(make_scene(), Versions(**_FIT, to_build=("minio",)))
    assert verdict.seen == "no program is there yet; got at the next start: minio"


@pytest.mark.parametrize(
    ("installed", "how", "bound", "is_met"),
    [
        ("18.1.0", ">=", "18.1", True),
        ("19.0", "<", "19", False),
        ("0.22.1", "==", "0.22.1", True),
        ("0.22.10", "==", "0.22.1", False),
        ("1.2.1+local.3", "<=", "1.2.1", True),
    ],
)
def test_versions_are_compared_by_number(installed: str, how: str, bound: str, is_met: bool) -> None:
    assert versions._meets(installed, how, bound) is is_met
