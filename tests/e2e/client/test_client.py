"""The client calls every surface of the real API, and its models read what comes back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from rtcstack.client import Client, RtcstackError, WebhookReceiver
from rtcstack.client.models.halls import HallRecording
from rtcstack.client.models.webhooks import EgressEnded
from rtcstack.demo.participant import Participant
from tests.e2e.client.conftest import TENANT, until
from tests.e2e.endpoint import Endpoint
from tests.support.appliance import Appliance

_WAIT_S = 60


async def test_a_recording_is_the_same_on_every_surface(client: Client, recorded: str) -> None:
    [of_room] = await client.rooms.recordings("shared")
    in_library = await client.library.get(recorded)
    of_hall = await client.halls.recording(recorded)
    assert of_room.recording_id == of_hall.recording_id == in_library.id == recorded
    assert of_room.size == of_hall.file_size_bytes == in_library.size_bytes
    assert of_room.status == in_library.status == "ready"
    assert of_hall.created_at == of_room.started_at
    assert in_library.started_at == of_room.started_at.replace(microsecond=0)
    download = await client.library.download(recorded)
    assert (download.status, download.file_size, download.message) == ("ready", of_room.size, None)


async def test_a_recording_is_archived_and_brought_back(client: Client, recorded: str) -> None:
    assert (await client.library.archive(recorded)).status == "archived"
    with pytest.raises(RtcstackError) as raised:
        await client.library.download(recorded)
    assert (raised.value.status, raised.value.code) == (409, "recording_archived")
    await _transferred(client, recorded)
    assert (await client.library.restore(recorded)).id == recorded
    await _transferred(client, recorded)
    assert (await client.library.get(recorded)).status == "ready"


async def _transferred(client: Client, recording_id: str) -> None:
    async with asyncio.timeout(_WAIT_S):
        while (await client.library.get(recording_id)).transfer == "pending":
            await asyncio.sleep(0.1)


async def test_a_clip_is_made_and_deleted(client: Client, recorded: str) -> None:
    clip = await client.clips.create(recorded, "start", 0, 1, mode="smart")
    assert clip.clip_id in [one.clip_id for one in await client.clips.list(recorded)]
    await client.clips.delete(clip.clip_id)
    with pytest.raises(RtcstackError, match="clip_not_found"):
        await client.clips.get(clip.clip_id)


async def test_a_hall_a_room_and_whoever_is_in_it(client: Client) -> None:
    hall = await client.halls.create("client-hall", metadata={"customer": "c-7"})
    assert (await client.halls.get(hall.hall_id)).metadata == {"customer": "c-7"}
    assert hall.hall_id in [one.hall_id for one in await client.halls.list(status="active")]
    assert await client.halls.moderation(hall.hall_id) == []
    token = await client.rooms.token(hall.hall_id, "ada", name="Ada", role="host")
    async with Participant(token.url, token.token, 0):
        async with asyncio.timeout(_WAIT_S):
            while not [p for p in await client.rooms.participants(hall.hall_id) if p.is_publisher]:
                await asyncio.sleep(0.1)
        started = await client.rooms.start_recording(hall.hall_id, layout="speaker", width=640, height=360)
        await until(client, hall.hall_id, "recording")
        assert (await client.rooms.change_layout(hall.hall_id, "grid", max_tiles=4)).max_tiles == 4
        assert (await client.rooms.pause_recording(hall.hall_id)).status == "paused"
        assert (await client.rooms.recording_status(hall.hall_id)).paused
        assert (await client.rooms.resume_recording(hall.hall_id)).egress_id == started.egress_id
        assert (await client.library.stop(hall.hall_id)).status == "processing"
        muted = await client.rooms.mute(hall.hall_id, "ada", source="camera")
        assert {track.source: track.muted for track in muted.tracks} == {"camera": True, "microphone": False}
        await client.rooms.remove_participant(hall.hall_id, "ada")
    await until(client, hall.hall_id, "ready")
    assert len(await client.halls.recordings(hall.hall_id)) == 1
    assert (await client.library.sync(hall.hall_id)).synced_count == 0
    await client.halls.close(hall.hall_id)
    assert (await client.halls.get(hall.hall_id)).status == "closed"


async def test_pages_follow_each_other_and_events_are_verified(client: Client, recorded: str) -> None:
    async with Endpoint() as endpoint:
        webhook = await client.webhooks.create(endpoint.url, events=["egress_ended", "recording.complete"])
        egress_id = (await client.rooms.recordings("shared"))[0].egress_id or ""
        await client.webhooks.replay(webhook.id, since=datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251  # a caller's clock
        headers, body = await endpoint.wait_for(egress_id, _WAIT_S)
        event = WebhookReceiver(webhook.secret).verify(body, headers)
        assert event.read(EgressEnded).room_id == "shared"
        assert (await client.webhooks.test(webhook.id)).status == "delivered"
        assert [d async for d in client.webhooks.deliveries(webhook.id, limit=1)]
        assert (await client.webhooks.rotate(webhook.id)).secret != webhook.secret
        assert (await client.webhooks.change(webhook.id, paused=True)).status == "paused"
        assert (await client.webhooks.get(webhook.id)).id in [one.id for one in await client.webhooks.list()]
        await client.webhooks.delete(webhook.id)
    events = [event async for event in client.webhooks.events(limit=1)]
    assert len({event.id for event in events}) == len(events) > 2
    complete = [e for e in events if e.event == "recording.complete" and e.room_id == "shared"]
    assert HallRecording.__struct_fields__[0] in complete[0].body["data"]
    listed = [one.id async for one in client.library.list(limit=1)]
    assert recorded in listed
    assert len(listed) == (await client.library.list().page()).meta.total


def test_the_appliance_answers_without_asyncio(appliance: Appliance, keys: tuple[str, str]) -> None:
    with Client(appliance.url) as anyone:
        assert anyone.system.health().execute().status == "ok"
        assert anyone.system.ready().execute().parts["livekit"] == "ok"
        with pytest.raises(RtcstackError, match="missing_key"):
            anyone.rooms.list().execute()
    with Client(appliance.url, keys[1]) as operator:
        assert operator.system.capacity().execute().workers
        entries = list(operator.admin.audit(tenant=TENANT, action="key.create", limit=1))
        assert len(entries) == 2
        assert operator.admin.reconcile().execute().checks
        assert operator.admin.reconciliation().execute().checks
        with pytest.raises(RtcstackError) as raised:
            operator.storage.get().execute()
        assert raised.value.code == "storage_not_found"
        with pytest.raises(RtcstackError) as raised:
            operator.storage.set(
                "nowhere", "nobody", "nothing", endpoint=appliance.settings.storage.url
            ).execute()
        assert raised.value.status == 400
