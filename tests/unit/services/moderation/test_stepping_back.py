"""Recorders come first: while the machine is busy recording, pictures wait, but not for ever."""

import pytest

from rtcstack.domain.egress import EgressStatus
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, tell
from tests.unit.services.livekit_events import join
from tests.unit.services.moderation.conftest import found, hall, look_through, recorded


@pytest.fixture
async def busy(moderated: World) -> World:
    """Return a world in which a room is recorded and more wants to run than there are cores."""
    moderated.room_view.crowded = True
    recording = await moderated.started("somebody-elses")
    await tell(moderated, egress_of(recording, EgressStatus.ACTIVE))
    return moderated


async def test_running_halls_are_looked_into_every_fourth_time(busy: World) -> None:
    of = await hall(busy)
    await join(busy, of.id, "PA_1")
    rounds = []
    for _ in range(9):
        before = len(busy.room_view.asked)
        await busy.live_moderation.run_once()
        rounds.append(len(busy.room_view.asked) > before)
    assert rounds == [False, False, False, True] * 2 + [False]
    busy.room_view.crowded = False
    await busy.live_moderation.run_once()
    assert busy.room_view.asked[-1] == [of.id]


async def test_a_hall_with_a_finding_is_closed_all_the_same(busy: World) -> None:
    of = await hall(busy, record=True, moderation_action="close")
    await recorded(busy, of)
    busy.media.shots = [b"nsfw 0.9"]
    busy.room_view.crowded = False
    await look_through(busy)
    busy.room_view.crowded = True
    await busy.live_moderation.run_once()
    assert busy.room_view.asked == []
    assert (await busy.halls.get(TENANT, of.id))[0].is_closed


async def test_finished_recordings_wait_a_quarter_of_an_hour_at_most(busy: World) -> None:
    of = await hall(busy, record=True)
    await recorded(busy, of)
    busy.media.shots = [b"nsfw 0.9"]
    assert await look_through(busy)
    assert (busy.moderator.looks, await look_through(busy)) == ([], False)  # it is not due again yet
    for _ in range(31):
        busy.clock.advance(30)
        await look_through(busy)
    assert await found(busy, of) == [(0.0, "nsfw")]


async def test_they_are_looked_through_when_nothing_is_recorded_any_more(busy: World) -> None:
    of = await hall(busy, record=True)
    await recorded(busy, of)
    busy.media.shots = [b"nsfw 0.9"]
    await look_through(busy)
    await busy.stop.stop(TENANT, "somebody-elses")
    [recording] = await busy.recording_query.list_of_room(TENANT, "somebody-elses")
    await tell(busy, egress_of(recording, EgressStatus.COMPLETE))
    busy.clock.advance(30)
    await look_through(busy)
    assert await found(busy, of) == [(0.0, "nsfw")]


async def test_a_machine_with_time_waits_for_nobody(busy: World) -> None:
    busy.room_view.crowded = False
    of = await hall(busy, record=True)
    await recorded(busy, of)
    busy.media.shots = [b"nsfw 0.9"]
    await look_through(busy)
    assert await found(busy, of) == [(0.0, "nsfw")]
