"""Who did what: an entry with each deed, in its transaction."""

import asyncio
import json
from typing import Any

import pytest

from rtcstack.domain.api_key import Scope
from rtcstack.domain.audit import SYSTEM, Action, Actor, AuditEntry, AuditFilter
from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.errors import DiskFull, Internal, Invalid, NotFound, PartUnavailable
from rtcstack.services.audit import LinkLog, acting, record
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.webhooks import WebhookChange
from tests.unit.services.clips.conftest import ask, cut
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library import conftest as library
from tests.unit.services.storage.conftest import SECRET, Owner

_ADA = Actor("key", "4fKc9ZpQ", "203.0.113.7", "req_1")
_DAY_S = 24 * 3600


async def _entries(world: World, **which: Any) -> list[AuditEntry]:
    """Return them oldest first."""
    page = await world.audit_log.page(AuditFilter(**which), cursor=None, limit=100)
    return list(reversed(page.entries))


async def _actions(world: World) -> list[str]:
    return [entry.action for entry in await _entries(world)]


async def test_the_life_of_a_recording(world: World) -> None:
    acting.set(_ADA)
    recording = await library.ready(world)
    assert (await world.catalog.download(TENANT, recording.id)).url
    await world.recording_archive.archive(TENANT, recording.id)
    await library.run(world, JobKind.ARCHIVE)
    await world.recording_archive.restore(TENANT, recording.id)
    await library.run(world, JobKind.RESTORE)
    await world.recording_delete.delete(TENANT, recording.id)
    entries = await _entries(world)
    words = ("start", "stop", "link", "archive", "restore", "delete")
    assert [e.action for e in entries] == [f"recording.{word}" for word in words]
    assert {(e.tenant_id, e.object_id, e.actor) for e in entries} == {(TENANT, recording.id, _ADA)}
    assert entries[0].details == {"room_id": "room-abc"}


async def test_asking_again_for_what_is_done_already_is_no_deed(world: World) -> None:
    recording = await world.started()
    await world.start.start(TENANT, recording.room_id, CompositeOptions())
    await world.stop.stop(TENANT, recording.room_id)
    with pytest.raises(NotFound):
        await world.stop.stop(TENANT, recording.room_id)
    with pytest.raises(NotFound):
        await world.recording_delete.delete("other", recording.id)
    assert await _actions(world) == ["recording.start", "recording.stop"]


async def test_what_livekit_does_not_take_is_told_as_undone(world: World) -> None:
    world.livekit.fail_next(Internal("no"))
    with pytest.raises(Internal):
        await world.started()
    assert await _actions(world) == ["recording.start", "recording.start_undone"]


async def test_stalled_and_failed_ones(world: World) -> None:
    recording = await library.stalled(world)
    await world.recording_recover.recover(TENANT, recording.id)
    await library.tell(world, library.egress_of(recording, EgressStatus.FAILED, "it died"))
    world.storage.put(recording.object_key, 1000)
    await world.recording_retry.retry(TENANT, recording.id)
    assert (await _actions(world))[-2:] == ["recording.recover", "recording.retry"]


async def test_a_list_of_links_is_one_entry_and_none_without_a_link(world: World) -> None:
    recording = await library.ready(world)
    running = await world.started("room-other")
    for room_id in (recording.room_id, running.room_id):
        found = await world.recording_query.list_of_room(TENANT, room_id)
        await world.recording_query.download_urls(TENANT, room_id, found)
    [entry] = await _entries(world, action=Action.RECORDING_LINK)
    assert (entry.object_id, entry.details) == (recording.room_id, {"recordings": [recording.id]})


async def test_a_link_in_the_place_of_an_expired_one_is_told_only_to_whom_it_is_new(world: World) -> None:
    clip = await ask(world, await library.ready(world))
    await cut(world)
    clip = await world.clip_query.get(TENANT, clip.id)
    recording = await world.recording_query.get(TENANT, clip.recording_id)
    began_ms = world.clock.now_ms()
    told = []
    for who in ("adm_1", "adm_1", "adm_2"):
        acting.set(Actor("admin", who))
        assert await world.recording_query.download_url(recording, renews_since_ms=began_ms)
        assert await world.clip_query.download_url(clip, renews_since_ms=began_ms)
        told.append([e.actor.key_id for e in await _entries(world, action=Action.RECORDING_LINK)])
        assert told[-1] == [e.actor.key_id for e in await _entries(world, action=Action.CLIP_LINK)]
    assert told == [["adm_1"], ["adm_1"], ["adm_1", "adm_2"]]
    await world.recording_query.download_url(recording, renews_since_ms=began_ms + 1)
    assert len(await _entries(world, action=Action.RECORDING_LINK)) == 3, "it was handed out before"


async def test_clips(world: World) -> None:
    clip = await ask(world, await library.ready(world))
    assert await world.clip_query.download_url(clip) is None
    await cut(world)
    assert await world.clip_query.download_url(await world.clip_query.get(TENANT, clip.id))
    await world.clip_delete.delete(TENANT, clip.id)
    entries = [e for e in await _entries(world) if e.object_id == clip.id]
    assert [e.action for e in entries] == ["clip.create", "clip.link", "clip.delete"]


async def test_rooms_and_halls_are_closed_once(world: World) -> None:
    wanted = {"max_participants": 2, "record": False, "moderation": False, "metadata": {}}
    hall, _ = await world.halls.create(TENANT, name="x", **wanted)
    for _ in range(2):
        await world.halls.close(TENANT, hall.id)
    [entry] = await _entries(world)
    assert (entry.action, entry.object_id) == ("hall.close", hall.id)


async def test_webhooks_and_buckets_without_their_secrets(world: World) -> None:
    url = "https://ada:s3cr3t-1@hooks.example.org/s3cr3t-2?token=s3cr3t-3"
    endpoint, secret = await world.webhooks.create(TENANT, url)
    await world.webhooks.change(TENANT, endpoint.id, WebhookChange(url=url + "4", paused=True))
    _, rotated = await world.webhooks.rotate(TENANT, endpoint.id)
    await world.webhooks.delete(TENANT, endpoint.id)
    await Owner(world).uses()
    await world.storage_settings.delete(TENANT)
    entries = await _entries(world)
    words = ["webhook.create", "webhook.change", "webhook.rotate", "webhook.delete"]
    assert [e.action for e in entries] == [*words, "storage.set", "storage.delete"]
    assert entries[0].details == {"host": "hooks.example.org"}
    assert entries[1].details == {"fields": ["url", "paused"], "host": "hooks.example.org"}
    rows = str([dict(row) for row in await world.db.all("SELECT * FROM audit_log")])
    assert not any(text in rows for text in ("s3cr3t", secret, rotated, SECRET))


async def test_tenants_and_keys(world: World) -> None:
    key, text = await world.access.create_key("acme", scope=Scope.READ)
    await world.access.create_tenant("acme")
    await world.access.set_plan("acme", "free")
    await world.access.revoke_key(key.id)
    with pytest.raises(NotFound):
        await world.access.revoke_key(key.id)
    entries = await _entries(world, tenant_id="acme")
    words = ["tenant.create", "key.create", "tenant.plan", "key.revoke"]
    assert [e.action for e in entries] == words
    assert {e.actor for e in entries} == {SYSTEM}
    assert text.split("_")[3] not in json.dumps([str(e) for e in entries])


async def test_what_is_rolled_back_was_never_told(world: World) -> None:
    with pytest.raises(RuntimeError):
        async with world.db.transaction() as tx:
            await record(tx, Action.KEY_REVOKE, TENANT, "x", 1)
            raise RuntimeError
    assert await _entries(world) == []


async def test_an_entry_cannot_be_changed(world: World) -> None:
    await world.access.create_key("acme")
    with pytest.raises((Internal, PartUnavailable), match="never change"):
        async with world.db.transaction() as tx:
            await tx.execute("UPDATE audit_log SET actor = 'nobody'")
    assert {e.actor for e in await _entries(world)} == {SYSTEM}


async def test_pages_filters_and_the_end_of_it(world: World) -> None:
    began_ms = world.clock.now_ms()
    for plan in ("free", "growth", "free"):
        await world.access.set_plan(TENANT, plan)
        world.clock.advance(_DAY_S)
    first = await world.audit_log.page(AuditFilter(TENANT), cursor=None, limit=2)
    rest = await world.audit_log.page(AuditFilter(TENANT), cursor=first.cursor, limit=2)
    assert [e.details["plan"] for e in (*first.entries, *rest.entries)] == ["free", "growth", "free"]
    assert rest.cursor is None
    since = began_ms + _DAY_S * 1000
    assert len(await _entries(world, since_ms=since)) == 2
    assert len(await _entries(world, since_ms=since + 1, action=Action.TENANT_PLAN)) == 1
    assert await _entries(world, tenant_id="other") == []
    with pytest.raises(Invalid):
        await world.audit_log.page(AuditFilter(), cursor="evt_1", limit=2)
    world.clock.advance(_DAY_S * 363)
    assert not await world.audit_log.forget_old()
    assert len(await _entries(world)) == 2


class _FullDisk:
    def transaction(self) -> Any:
        raise DiskFull("full")


async def test_links_made_at_once_share_a_commit_and_a_full_disk_keeps_none_back(world: World) -> None:
    links = LinkLog(world.db, world.clock)

    async def note(n: int) -> None:
        acting.set(Actor("key", f"key-{n}"))
        await links.note(Action.CLIP_LINK, TENANT, f"clip_{n}")

    await asyncio.gather(*(asyncio.create_task(note(n)) for n in range(5)))
    entries = await _entries(world)
    assert [(e.object_id, e.actor.key_id) for e in entries] == [(f"clip_{n}", f"key-{n}") for n in range(5)]
    full: Any = _FullDisk()
    await LinkLog(full, world.clock).note(Action.CLIP_LINK, TENANT, "clip_6")
    assert len(await _entries(world)) == 5
