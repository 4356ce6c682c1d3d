"""A clock that nobody holds, that was set, or that differs from others'."""

import os
import time

import pytest

from rtcstack.appliance.state import PartStatus, Snapshot, birth
from rtcstack.doctor.asking import Answer
from rtcstack.doctor.checks import clock
from rtcstack.doctor.checks.clock import Clock
from rtcstack.doctor.finding import Level
from tests.unit.doctor.conftest import FakeOutside, MakeScene

_NOBODY = "http://127.0.0.1:9/readyz"
"""Nothing answers there when it is asked a second time."""


def _started(set_by_s: float = 0.0) -> Snapshot:
    """Return this process as a part; the clock was set by so much since it started."""
    ticks = birth(os.getpid())
    assert ticks is not None
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    started_ms = int((time.time() - age_s - set_by_s) * 1000)
    return Snapshot(1, 1, {}, [PartStatus("api", birth=ticks, started_at_ms=started_ms)])


async def test_the_kernel_says_who_holds_the_clock(make_scene: MakeScene) -> None:
    facts = await clock.look(make_scene())
    assert facts.is_held in {True, False, None}
    [verdict] = clock.service(make_scene(), Clock(is_held=False))
    assert verdict.level is Level.WARNING
    assert "timedatectl set-ntp true" in verdict.cure
    assert [v.level for v in clock.service(make_scene(), Clock(is_held=True))] == [Level.OK]


@pytest.mark.parametrize(("set_by_s", "word"), [(3600.0, "forward by 3600 s"), (-90.0, "back by 90 s")])
async def test_a_clock_that_was_set_since_the_start_is_told(
    make_scene: MakeScene, set_by_s: float, word: str
) -> None:
    scene = make_scene(snapshot=_started(set_by_s))
    [verdict] = clock.steps(scene, await clock.look(scene))
    assert verdict.level is Level.WARNING
    assert word in verdict.seen


async def test_a_clock_that_only_ran_was_not_set(make_scene: MakeScene) -> None:
    scene = make_scene(snapshot=_started())
    assert [v.level for v in clock.steps(scene, await clock.look(scene))] == [Level.OK]
    assert list(clock.steps(make_scene(), Clock())) == []


@pytest.mark.parametrize(
    ("ahead_s", "level"), [(1.4, Level.OK), (-4.0, Level.WARNING), (30.0, Level.ERROR), (-600.0, Level.ERROR)]
)
async def test_parts_whose_clocks_differ_are_told(
    make_scene: MakeScene, ahead_s: float, level: Level
) -> None:
    scene = make_scene(is_apart=True, answers={"api": Answer(_NOBODY, 200, ahead_s)})
    [verdict] = clock.parts(scene, await clock.look(scene))
    assert verdict.level is level
    assert level is Level.OK or " this one" in verdict.seen


def test_ahead_and_behind_are_told_in_words(make_scene: MakeScene) -> None:
    seen = [v.seen for v in clock.parts(make_scene(), Clock(parts={"api": -4.0, "livekit": 30.0}))]
    assert seen == [
        "the clock of api is 4 s behind this one",
        "the clock of livekit is 30 s ahead of this one",
    ]


async def test_of_the_parts_of_one_machine_nothing_is_said(make_scene: MakeScene) -> None:
    scene = make_scene(answers={"api": Answer(_NOBODY, 200, -4.0)}, snapshot=_started())
    assert list(clock.parts(scene, await clock.look(scene))) == []


@pytest.mark.parametrize(
    ("ahead_s", "level"), [(3.0, Level.OK), (-300.0, Level.WARNING), (1000.0, Level.ERROR)]
)
async def test_a_store_of_ones_own_refuses_beyond_a_quarter_of_an_hour(
    make_scene: MakeScene, ahead_s: float, level: Level
) -> None:
    answers = {"minio": Answer("https://s3.example.org/", 403, ahead_s)}
    environ = {"RTCSTACK_STORAGE__HOST": "s3.example.org"}
    scene = make_scene(environ, is_apart=True, answers=answers)
    facts = await clock.look(scene)
    [verdict] = clock.store(scene, facts)
    assert verdict.level is level
    assert "s3.example.org" in verdict.seen
    scene = make_scene(outside=FakeOutside(clocks={"s3.example.org": ahead_s}))
    assert [v.level for v in clock.store(scene, await clock.look(scene))] == [level]
    assert list(clock.parts(scene, facts)) == []
