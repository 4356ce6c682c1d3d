"""What changes for a recording that goes to a bucket of its tenant."""

from dataclasses import replace

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Conflict, PartUnavailable
from rtcstack.ports.storage import Permissions
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library import conftest as library
from tests.unit.services.storage.conftest import Owner, draft


async def test_it_is_reserved_there_without_any_key_in_the_request(world: World, owner: Owner) -> None:
    own = await owner.uses(prefix="relay")
    recording = await world.started("room-abc")
    assert (recording.storage_id, recording.bucket) == (own.id, "acme-1")
    assert recording.object_key.startswith("relay/room-abc/")
    [asked] = world.livekit.started
    assert (asked.bucket, asked.access) == ("acme-1", None)
    assert asked.object_metadata["rtcstack-storage"] == own.id


async def test_keys_go_along_only_for_a_recorder_that_cannot_ask(world: World) -> None:
    sending = World(
        world.db,
        world.spool,
        world.clock,
        world.livekit,
        world.storage,
        world.sender,
        world.fleet,
        environ={"RTCSTACK_EGRESS__SEND_KEYS": "true"},
    )
    await Owner(sending).uses()
    await sending.started("room-abc")
    [asked] = world.livekit.started
    assert asked.access is not None
    assert asked.access.bucket == "acme-1"
    assert asked.access.secret_access_key not in repr(asked)


async def test_it_does_not_need_the_shared_store(world: World, owner: Owner) -> None:
    async def dead() -> None:
        raise PartUnavailable("gone", part="minio")

    world.storage.ping = dead  # type: ignore[method-assign]  # the fake's own fault injection has no ping
    world.preflight._probes["minio"] = dead
    await owner.uses()
    assert (await world.started("room-abc")).storage_id
    await world.storage_settings.delete(TENANT)
    await world.rooms.create(TENANT, room_id="other", name=None, max_participants=None, metadata={})
    with pytest.raises(PartUnavailable):
        await world.start.start(TENANT, "other", CompositeOptions())


async def test_two_tenants_may_have_the_same_key_in_buckets_of_their_own(world: World, owner: Owner) -> None:
    await world.access.create_tenant("globex", "self-hosted")
    await owner.uses("acme-1")
    await world.storage_settings.put("globex", draft("globex-1"))
    mine = await world.started("room-abc")
    await world.rooms.create("globex", room_id="room-abc", name=None, max_participants=None, metadata={})
    theirs = await world.start.start("globex", "room-abc", CompositeOptions())
    assert mine.object_key == theirs.object_key
    told = replace(library.egress_of(theirs, EgressStatus.ACTIVE), room_name="globex:room-abc")
    await library.tell(world, told)
    states = [(await world.recording(recording.id)).state for recording in (mine, theirs)]
    assert states == [RecordingState.STARTING, RecordingState.RECORDING]


async def test_with_a_key_that_may_only_put_it_becomes_ready_on_the_recorders_word(
    world: World, owner: Owner
) -> None:
    world.opener.permissions = Permissions(may_read=False, may_delete=False)
    await owner.uses()
    owner.store().may_read = False
    recording = await library.processing(world)
    await world.finalize.finalize(recording.id)
    ready = await world.recording(recording.id)
    assert (ready.state, ready.size_bytes, ready.duration_ms) == (RecordingState.READY, 1000, 60_000)
    assert ready.checksum is None
    for call in (
        world.catalog.download(TENANT, ready.id),
        world.recording_archive.archive(TENANT, ready.id),
        world.recording_query.download_url(ready),
    ):
        with pytest.raises(Conflict) as refused:
            await call
        assert refused.value.word == "storage_read_forbidden"
    assert await world.recording_query.download_urls(TENANT, ready.room_id, [ready]) == [None]


async def test_a_change_of_bucket_leaves_older_ones_where_they_are(world: World, owner: Owner) -> None:
    await owner.uses("acme-1")
    first = await owner.recorded("room-1", owner.store("acme-1"))
    await owner.uses("acme-2")
    second = await owner.recorded("room-2", owner.store("acme-2"))
    await world.storage_settings.delete(TENANT)
    third = await owner.recorded("room-3", world.storage)
    assert [r.bucket for r in (first, second, third)] == ["acme-1", "acme-2", "recordings"]
    for recording in (first, second, third):
        download = await world.catalog.download(TENANT, recording.id)
        assert recording.object_key in (download.url or "")


async def test_it_is_archived_within_its_own_bucket_and_comes_back(world: World, owner: Owner) -> None:
    await owner.uses(prefix="relay")
    recording = await owner.recorded("room-abc", owner.store())
    await world.recording_archive.archive(TENANT, recording.id)
    assert await library.run(world, JobKind.ARCHIVE)
    name = recording.object_key.rpartition("/")[2]
    objects = owner.store().objects
    assert f"relay/_archive/room-abc/{name}" in objects
    assert recording.object_key not in objects
    assert "ensure_bucket" not in owner.store().calls
    await world.recording_archive.restore(TENANT, recording.id)
    assert await library.run(world, JobKind.RESTORE)
    assert recording.object_key in objects
    assert f"relay/_archive/room-abc/{name}" not in objects
    assert (await world.recording(recording.id)).state is RecordingState.READY


async def test_sync_looks_into_the_bucket_that_is_set_and_knows_keys_by_bucket(
    world: World, owner: Owner
) -> None:
    key = "room-abc/2024-04-20T10-00-00.mp4"
    await world.rooms.create(TENANT, room_id="room-abc", name=None, max_participants=None, metadata={})
    world.storage.put(key, 10)
    [shared] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    own = await owner.uses(prefix="relay")
    owner.store().put(f"relay/{key}", 20)
    owner.store().put(key, 30)  # not under the prefix: not ours
    [imported] = (await world.recording_sync.sync(TENANT, "room-abc")).imported
    assert (shared.storage_id, imported.storage_id) == (None, own.id)
    assert (imported.object_key, imported.size_bytes, imported.state) == (
        f"relay/{key}",
        20,
        RecordingState.READY,
    )
    assert (await world.recording_sync.sync(TENANT, "room-abc")).imported == []


async def test_recover_takes_the_recorders_word_where_the_key_may_not_look(
    world: World, owner: Owner
) -> None:
    await owner.uses()
    owner.store().may_read = False
    recording = await library.stalled(world)
    complete = library.egress_of(recording, EgressStatus.COMPLETE)
    world.livekit.egresses[complete.egress_id] = complete
    await world.recording_recover.recover(TENANT, recording.id)
    assert await library.run(world, JobKind.RECOVER)
    assert (await world.recording(recording.id)).state is RecordingState.READY
