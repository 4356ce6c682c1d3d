"""What others recorded is imported, each once, and only what is this room's."""

import asyncio
from dataclasses import replace

import pytest

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartUnavailable, RoomNotFound
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready

_THEIRS = EgressSnapshot(
    "EG_theirs",
    "room-abc",
    EgressStatus.COMPLETE,
    1,
    "auto/{room_name}-{time}.mp4",
    file_name="auto/room-abc-1.mp4",
    started_at_ms=1_713_600_000_000,
    ended_at_ms=1_713_600_060_000,
    duration_ms=60_000,
    size_bytes=1000,
)


@pytest.fixture(autouse=True)
async def room(world: World) -> None:
    await world.rooms.create(TENANT, room_id="room-abc", name=None, max_participants=None, metadata={})


def _egress(world: World, **changes: object) -> EgressSnapshot:
    egress = replace(_THEIRS, **changes)  # type: ignore[arg-type]  # fields of its own
    world.livekit.egresses[egress.egress_id] = egress
    return egress


async def test_an_egress_that_ended_is_ready_and_told_once(world: World) -> None:
    _egress(world)
    world.storage.put("auto/room-abc-1.mp4", 1000)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert (found.state, found.origin, found.egress_id) == (RecordingState.READY, "sync", "EG_theirs")
    assert (found.started_at_ms, found.duration_s, found.size_bytes) == (1_713_600_000_000, 60, 1000)
    assert (await world.recording_sync.sync(TENANT, "room-abc")).imported == []
    assert (await world.told(), await world.told("recording.complete")) == (1, 1)


async def test_a_running_egress_is_a_recording_like_any_other_from_then_on(world: World) -> None:
    running = _egress(world, status=EgressStatus.ACTIVE, ended_at_ms=None, duration_ms=None, size_bytes=None)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert found.state is RecordingState.RECORDING
    assert await world.told("recording.started") == 1
    await world.stop.stop(TENANT, "room-abc")
    world.storage.put("auto/room-abc-1.mp4", 1000)
    ended = replace(running, status=EgressStatus.COMPLETE, size_bytes=1000, duration_ms=60_000)
    async with world.db.transaction() as tx:
        await world.egress_events.apply(tx, ended)
    await world.finalize.finalize_next()
    assert (await world.recording(found.id)).state is RecordingState.READY


async def test_catching_up_with_livekit_ends_an_imported_one_too(world: World) -> None:
    running = _egress(world, status=EgressStatus.ACTIVE, size_bytes=None)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    _egress(world, status=EgressStatus.FAILED, error="it died", egress_id=running.egress_id)
    world.clock.advance(60)
    assert await world.catch_up.run_once()
    assert (await world.recording(found.id)).state is RecordingState.FAILED


@pytest.mark.parametrize(
    "changes",
    [
        {"status": EgressStatus.FAILED},
        {"room_name": "another"},
        {"file_name": "", "filepath": ""},
        {"file_name": ""},  # still a template
        {"file_name": "_t/acme/room-abc/2024-04-21T10-00-00.mp4"},
        {"file_name": "_t/acme/free.mp4"},
        {"file_name": "another/2024-04-21T10-00-00.mp4"},
    ],
)
async def test_an_egress_without_a_file_of_this_room_is_left_alone(
    world: World, changes: dict[str, object]
) -> None:
    egress = _egress(world, **changes)
    world.storage.put(egress.file_name or "x", 1000)
    assert (await world.recording_sync.sync(TENANT, "room-abc")).imported == []


async def test_a_file_in_another_bucket_is_left_alone(world: World) -> None:
    _egress(world)
    assert (await world.recording_sync.sync(TENANT, "room-abc")).imported == []


async def test_objects_that_fit_the_pattern_are_imported(world: World) -> None:
    world.storage.put("room-abc/2024-04-21T10-00-00.mp4", 1000, {"rtcstack-duration-ms": "5000"})
    for key in (
        "room-abc/notes.txt",
        "room-abc/clips/2024-04-21T10-00-00.mp4",
        "other/2024-04-21T10-00-00.mp4",
    ):
        world.storage.put(key, 1)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert (found.state, found.egress_id, found.duration_s) == (RecordingState.READY, None, 5)
    assert found.started_at_ms == 1_713_693_600_000


async def test_a_foreign_object_is_looked_into_once_and_has_its_length_and_streams(world: World) -> None:
    world.media.length_s = 7.3
    world.storage.put("room-abc/2024-04-21T10-00-00.mp4", 1000)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert (found.state, found.duration_ms, found.size_bytes) == (RecordingState.READY, 7300, 1000)
    assert found.streams == {"video": "h264,320x240,25", "audio": "aac,48000,2"}
    assert len(world.media.probed) == 1


async def test_what_our_recorder_described_is_not_looked_into(world: World) -> None:
    told = {"rtcstack-duration-ms": "5000", "rtcstack-video": "h264,1280x720,30"}
    world.storage.put("room-abc/2024-04-21T10-00-00.mp4", 1000, told)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert (found.duration_ms, found.streams) == (5000, {"video": "h264,1280x720,30"})
    assert world.media.probed == []


async def test_what_is_no_recording_is_skipped_with_the_reason_and_told_to_nobody(world: World) -> None:
    world.storage.put("room-abc/2024-04-21T10-00-00.mp4", 0)
    world.storage.put("room-abc/2024-04-21T10-00-01.mp4", 10)
    world.storage.put("room-abc/2999-01-01T00-00-00.mp4", 1000)
    world.media.unreadable.add("10-00-01")
    _egress(world, file_name="auto/notes.txt")
    world.storage.put("auto/notes.txt", 10)
    world.media.unreadable.add("notes.txt")
    for _ in range(2):
        synced = await world.recording_sync.sync(TENANT, "room-abc")
        assert synced.imported == []
        assert {skipped.object_key: skipped.reason for skipped in synced.skipped} == {
            "auto/notes.txt": "The recording cannot be decoded.",
            "room-abc/2024-04-21T10-00-00.mp4": "The object is empty.",
            "room-abc/2024-04-21T10-00-01.mp4": "The recording cannot be decoded.",
            "room-abc/2999-01-01T00-00-00.mp4": "Its name is of a time to come.",
        }
    assert await world.count("recordings") == await world.count("outbox") == 0


async def test_a_look_that_the_store_does_not_allow_for_now_imports_nothing(world: World) -> None:
    world.storage.put("room-abc/2024-04-21T10-00-00.mp4", 1000)
    world.media.fail_next(PartUnavailable("down", part="minio"))
    with pytest.raises(PartUnavailable):
        await world.recording_sync.sync(TENANT, "room-abc")
    assert await world.count("recordings") == 0


async def test_a_hundred_are_imported_by_a_call_and_the_rest_by_the_next(world: World) -> None:
    for n in range(103):
        world.storage.put(f"room-abc/2024-04-21T10-{n // 60:02}-{n % 60:02}.mp4", 1000)
    counts = [len((await world.recording_sync.sync(TENANT, "room-abc")).imported) for _ in range(3)]
    assert counts == [100, 3, 0]
    assert len(world.media.probed) == 103


async def test_what_a_row_knows_is_not_imported_even_a_deleted_one(world: World) -> None:
    recording = await ready(world, "known")
    await world.recording_delete.delete(TENANT, recording.id)
    assert (await world.recording_sync.sync(TENANT, "known")).imported == []


async def test_ten_calls_at_once_import_each_once(world: World) -> None:
    _egress(world)
    world.storage.put("auto/room-abc-1.mp4", 1000)
    for second in range(5):
        world.storage.put(f"room-abc/2024-04-21T10-00-0{second}.mp4", 1000)
    answers = await asyncio.gather(*(world.recording_sync.sync(TENANT, "room-abc") for _ in range(10)))
    assert sum(len(answer.imported) for answer in answers) == await world.count("recordings") == 6
    # An object that is found has no egress that could have ended.
    assert (await world.told(), await world.told("recording.complete")) == (1, 6)


async def test_a_running_egress_beside_our_own_recording_waits_until_it_has_ended(world: World) -> None:
    own = await world.start.start_new(TENANT, "room-abc", CompositeOptions())
    _egress(world, status=EgressStatus.ACTIVE)
    assert (await world.recording_sync.sync(TENANT, "room-abc")).imported == []
    _egress(world)
    world.storage.put("auto/room-abc-1.mp4", 1000)
    [found] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert found.id != own.id


async def test_a_store_that_is_down_imports_nothing(world: World) -> None:
    world.storage.fail_at("list_folder", PartUnavailable("down", part="minio"))
    with pytest.raises(PartUnavailable):
        await world.recording_sync.sync(TENANT, "room-abc")
    assert await world.count("recordings") == 0


async def test_a_room_that_never_was_cannot_be_synced(world: World) -> None:
    with pytest.raises(RoomNotFound):
        await world.recording_sync.sync(TENANT, "nowhere")
