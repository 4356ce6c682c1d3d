"""Running halls are looked into while somebody is in them."""

from dataclasses import replace
from pathlib import Path

import pytest
from livekit.protocol.models import ParticipantInfo

from rtcstack.domain.egress import EgressStatus
from rtcstack.errors import Conflict, Forbidden, PartUnavailable
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, tell
from tests.unit.services.livekit_events import join, leave
from tests.unit.services.livekit_events import tell as tell_of
from tests.unit.services.moderation.conftest import found, hall, told


async def _look(world: World) -> None:
    await world.live_moderation.run_once()


async def test_only_open_moderated_halls_with_somebody_in_them_are_looked_into(moderated: World) -> None:
    halls = [await hall(moderated) for _ in range(3)]
    other = await hall(moderated, moderation=False)
    await _look(moderated)
    assert moderated.room_view.asked == [[]]
    for n, of in enumerate([*halls, other]):
        await join(moderated, of.id, f"PA_{n}")
    await leave(moderated, halls[1].id, "PA_1")
    await moderated.halls.close(TENANT, halls[2].id)
    await _look(moderated)
    assert moderated.room_view.asked[-1] == [halls[0].id]


async def test_another_tenants_hall_is_looked_into_by_its_name_in_livekit(moderated: World) -> None:
    await moderated.access.create_key("acme")
    of = await hall(moderated, "acme")
    await join(moderated, of.livekit_name, "PA_1")
    moderated.room_view.shown[of.livekit_name] = b"nsfw 0.8"
    await _look(moderated)
    assert await found(moderated, of) == [(None, "nsfw")]
    assert await found(moderated, replace(of, tenant_id=TENANT)) == []


async def test_what_goes_on_is_stored_each_time_and_told_once(moderated: World) -> None:
    of = await hall(moderated)
    await join(moderated, of.id, "PA_1")
    moderated.room_view.shown[of.id] = b"nsfw 0.8"
    for _ in range(4):
        await _look(moderated)
        moderated.clock.advance(10)
    assert len(await found(moderated, of)) == 4
    [event] = await told(moderated)
    assert (event["recording_id"], event["position_seconds"]) == (None, None)
    moderated.clock.advance(300)
    await _look(moderated)
    assert len(await told(moderated)) == 2
    assert (await moderated.halls.get(TENANT, of.id))[0].closed_at_ms is None


async def test_a_hall_that_is_recorded_here_is_looked_at_in_its_recording(
    moderated: World, tmp_path: Path
) -> None:
    of = await hall(moderated, record=True)
    await join(moderated, of.id, "PA_1")
    [recording] = await moderated.recording_query.list_of_room(TENANT, of.id)
    await tell(moderated, egress_of(recording, EgressStatus.ACTIVE))
    recording = await moderated.recording(recording.id)
    spool = tmp_path / "spool" / str(recording.egress_id)
    spool.mkdir(parents=True)
    await _look(moderated)
    assert moderated.room_view.asked.pop() == [of.id]  # another machine records it
    (spool / "part-1.mp4").write_bytes(b"pictures")
    await _look(moderated)
    assert moderated.room_view.asked.pop() == [of.id]  # there is no picture yet
    moderated.media.shots = [b"clean", b"nsfw 0.8"]
    await _look(moderated)
    assert moderated.room_view.asked.pop() == []
    assert moderated.media.looked_at[-1].files == (spool / "part-1.mp4",)
    assert await found(moderated, of) == [(1.0, "nsfw")]
    assert [one["recording_id"] for one in await told(moderated)] == [recording.id]
    assert list((moderated.settings.data / "tmp").iterdir()) == []


async def test_the_action_close_closes_the_hall_once(moderated: World) -> None:
    of = await hall(moderated, moderation_action="close", record=True)
    await join(moderated, of.id, "PA_1")
    moderated.room_view.shown[of.id] = b"nsfw 0.8"
    await _look(moderated)
    assert (await moderated.halls.get(TENANT, of.id))[0].is_closed
    assert moderated.livekit.rooms == set()
    await _look(moderated)
    assert (await moderated.told("hall.closed"), len(await told(moderated))) == (1, 1)
    assert (await told(moderated))[0]["action"] == "close"


async def test_a_hall_that_a_killed_process_did_not_close_is_closed_by_the_next(moderated: World) -> None:
    of = await hall(moderated, moderation_action="close")
    await join(moderated, of.id, "PA_1")
    moderated.room_view.shown[of.id] = b"nsfw 0.8"
    moderated.services.live_moderation._closing.close_flagged = _killed
    with pytest.raises(_Killed):
        await _look(moderated)
    assert not (await moderated.halls.get(TENANT, of.id))[0].is_closed
    later = replace(moderated)
    await _look(later)
    assert (await later.halls.get(TENANT, of.id))[0].is_closed
    assert len(await told(later)) == 1


class _Killed(BaseException):
    pass


async def _killed() -> None:
    raise _Killed


async def test_a_livekit_that_did_not_hear_is_told_again(moderated: World) -> None:
    of = await hall(moderated, moderation_action="close")
    await join(moderated, of.id, "PA_1")
    moderated.room_view.shown[of.id] = b"nsfw 0.8"

    class Deaf(type(moderated.livekit)):  # type: ignore[misc]  # the fake's own class
        async def delete_room(self, name: str) -> None:
            raise PartUnavailable(f"no answer about {name}", part="livekit")

    hearing, moderated.livekit.__class__ = moderated.livekit.__class__, Deaf
    await _look(moderated)
    assert of.id in moderated.livekit.rooms
    moderated.livekit.__class__ = hearing
    await _look(moderated)
    assert moderated.livekit.rooms == set()


async def test_a_provider_that_fails_closes_nothing(moderated: World) -> None:
    of = await hall(moderated, moderation_action="close")
    await join(moderated, of.id, "PA_1")
    moderated.room_view.shown[of.id] = b"nsfw 0.8"
    moderated.moderator.fail_next(PartUnavailable("429", part="moderation"))
    await _look(moderated)
    assert not (await moderated.halls.get(TENANT, of.id))[0].is_closed
    await _look(moderated)
    assert (await moderated.halls.get(TENANT, of.id))[0].is_closed


async def test_the_plan_comes_before_the_provider(moderated: World, world: World) -> None:
    await moderated.access.create_key("small", plan="free")
    await moderated.access.create_key("large", plan="growth")
    with pytest.raises(Forbidden, match="growth"):
        await hall(moderated, "small")
    assert (await hall(moderated, "large", moderation_action="close")).moderation_action == "close"
    with pytest.raises(Conflict) as missing:
        await hall(world)
    assert missing.value.word == "moderation_not_configured"
    assert world.live_moderation is None


async def test_visits_to_halls_leave_no_trace(moderated: World) -> None:
    of = await hall(moderated)
    before = await moderated.count("inbox")
    for event in ("participant_joined", "participant_left"):
        await tell_of(moderated, event, of.id, "PA_9", kind=ParticipantInfo.Kind.EGRESS)
    assert await moderated.count("inbox") == before
    assert (await moderated.halls.get(TENANT, of.id))[1] == 0
