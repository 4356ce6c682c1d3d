"""An egress is gone only when nobody has had it for a while, and everybody could be asked."""

from rtcstack.services.egress_watch import EgressWatch, Presence
from tests.unit.services.conftest import World

_LONG_S = 25


async def _watch(world: World) -> EgressWatch:
    await world.started()
    return EgressWatch(world.clock, world.fleet)


async def test_it_is_missing_for_a_while_before_it_is_gone(world: World) -> None:
    watch = await _watch(world)
    assert await watch.look_for("EG_1") is Presence.RUNS
    world.fleet.lose("EG_1")
    for _ in range(_LONG_S):
        assert await watch.look_for("EG_1") is Presence.MISSING
        world.clock.advance(1)
    assert await watch.look_for("EG_1") is Presence.GONE


async def test_who_is_seen_again_was_never_gone(world: World) -> None:
    watch = await _watch(world)
    for has_workers in (False, True, False):
        world.fleet.has_workers = has_workers
        seen = await watch.look_for("EG_1")
        assert seen is (Presence.RUNS if has_workers else Presence.MISSING)
        world.clock.advance(_LONG_S - 1)


async def test_looks_that_are_far_apart_make_no_row(world: World) -> None:
    watch = await _watch(world)
    world.fleet.lose("EG_1")
    for _ in range(3):
        assert await watch.look_for("EG_1") is Presence.MISSING
        world.clock.advance(3600)


async def test_while_somebody_does_not_answer_nothing_is_known(world: World) -> None:
    watch = await _watch(world)
    world.fleet.lose("EG_1")
    assert await watch.look_for("EG_1") is Presence.MISSING
    world.fleet.is_hung = True
    world.clock.advance(_LONG_S)
    assert await watch.look(["EG_1", "EG_2"]) == {"EG_1": Presence.UNKNOWN, "EG_2": Presence.UNKNOWN}
    world.fleet.is_hung = False
    assert await watch.look_for("EG_1") is Presence.GONE


async def test_it_is_gone_after_as_long_when_the_clock_is_set_back_meanwhile(world: World) -> None:
    watch = await _watch(world)
    world.fleet.lose("EG_1")
    assert await watch.look_for("EG_1") is Presence.MISSING
    world.clock.advance(-3600)
    world.clock.advance(_LONG_S)
    assert await watch.look_for("EG_1") is Presence.GONE


async def test_it_is_no_sooner_gone_when_the_clock_is_set_ahead(world: World) -> None:
    watch = await _watch(world)
    world.fleet.lose("EG_1")
    assert await watch.look_for("EG_1") is Presence.MISSING
    world.clock.at_ms += 100_000
    assert await watch.look_for("EG_1") is Presence.MISSING
