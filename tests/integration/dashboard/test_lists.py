"""Lists that are longer than a page, by every way to walk through them."""

import re
from html import unescape

from rtcstack.domain.recording import RecordingState
from rtcstack.services.recording_search import RecordingSearch
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.dashboard import Visitor

_ROOMS = 60
_ROOM = "INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('default', :id, :name, :at)"
_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms, completed_at_ms)
    VALUES (:id, 'default', :room, 'ready', 'b', :id, :at, :at)"""

_PROCESSING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms)
    VALUES (:id, 'default', :room, 'processing', 'b', :id, :at)"""
_MOST_SHOWN = 100


async def _fill(api: Api) -> None:
    """Two recordings in each of sixty rooms, of which every other one has a name of its own."""
    async with api.platform._adapters.db.transaction() as tx:
        for n in range(_ROOMS):
            room = f"room-{n:02}"
            await tx.execute(_ROOM, id=room, name=f"Weekly 100% {n:02}" if n % 2 else room, at=n)
            for take in range(2):
                await tx.execute(_RECORDING, id=f"rec_{n:02}{take}", room=room, at=10 * n + take)


async def _walk(visitor: Visitor, path: str, item: str) -> list[str]:
    """Follow “Older” to the end and return what stood on all pages, in their order."""
    found: list[str] = []
    while path:
        page = await visitor.get(path)
        found += re.findall(item, page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(older[1]) if older else ""
    return found


async def test_all_open_rooms_are_reached_page_by_page(api: Api, visitor: Visitor) -> None:
    await _fill(api)
    names = r' href="/rooms/(room-\d\d)">'
    expected = [f"room-{n:02}" for n in reversed(range(_ROOMS))]
    assert await _walk(visitor, "/rooms", names) == expected
    assert await _walk(visitor, "/rooms?q=100%25", names) == expected[::2]
    assert await _walk(visitor, "/rooms?q=weekly+100_", names) == [], "these are no wildcards"
    for wrong in ("x", "1", "1.a b", "-1.a"):
        assert (await visitor.http.get("/rooms", params={"after": wrong})).status_code == 400


_NEWEST_FIRST = [f"rec_{n:02}{take}" for n in reversed(range(_ROOMS)) for take in (1, 0)]


async def test_a_search_is_read_to_its_end(api: Api, visitor: Visitor) -> None:
    await _fill(api)
    item = r'id="(rec_\d+)"'
    assert await _walk(visitor, "/recordings", item) == _NEWEST_FIRST
    assert await _walk(visitor, "/recordings?q=room-", item) == _NEWEST_FIRST
    odd = [one for one in _NEWEST_FIRST if int(one[4:6]) % 2]
    assert await _walk(visitor, "/recordings?q=WEEKLY", item) == odd
    assert await _walk(visitor, "/recordings?q=room-07", item) == ["rec_071", "rec_070"]
    assert await _walk(visitor, "/recordings?q=rec_070", item) == ["rec_070"]
    assert await _walk(visitor, "/recordings?q=nowhere", item) == []


async def test_a_text_that_many_rooms_have_is_looked_for_bit_by_bit(api: Api) -> None:
    """So many recordings for each page, whether one of such a room is among them or not."""
    await _fill(api)
    search = RecordingSearch(api.platform._adapters.db, few_rooms=3, looked_at=7)
    for text, every in (("room-", 1), ("WEEKLY", 2), ("room-0", 1)):
        found, cursor, pages = [], None, 0
        while pages == 0 or cursor is not None:
            page = await search.page("default", text, cursor=cursor, limit=5)
            found += [one.id for one in page.recordings]
            cursor, pages = page.after, pages + 1
        wanted = [one for one in _NEWEST_FIRST if int(one[4:6]) % every == every - 1]
        assert found == (wanted if text != "room-0" else wanted[-20:]), text
        assert pages >= len(found) / 5


async def test_what_is_being_finished_hides_nothing_that_runs(api: Api, visitor: Visitor) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "standup"})
    running = await Shelf(api).add(RecordingState.RECORDING, "standup")
    later_ms = running.started_at_ms + 1
    async with api.platform._adapters.db.transaction() as tx:
        for n in range(_MOST_SHOWN):
            await tx.execute(_PROCESSING, id=f"rec_done{n:03}", room="standup", at=later_ms)
    shown = await visitor.get("/?part=now")
    assert "<strong>1</strong> recording running" in shown
    assert f'id="stop-{running.id}"' in shown
    assert shown.count('href="/recordings/rec_done') == _MOST_SHOWN - 1
    assert 'href="/recordings?state=processing"' in shown


async def test_clips_deliveries_and_the_audit_log_are_read_to_their_ends(api: Api, visitor: Visitor) -> None:
    await _fill(api)
    hook = (await api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"})).json()["id"]
    async with api.platform._adapters.db.transaction() as tx:
        for n in range(_ROOMS):
            given = {"id": f"{n:026}", "hook": hook}
            await tx.execute(
                """INSERT INTO clips (id, tenant_id, recording_id, label, start_s, end_s, mode, state, bucket, object_key,
                    created_at_ms) VALUES ('clip_' || :id, 'default', 'rec_000', 'x', 0, 1, 'smart', 'complete', 'b', 'k', 1)""",
                id=given["id"],
            )
            await tx.execute(
                """INSERT INTO outbox (id, tenant_id, event, body, created_at_ms)
                    VALUES ('evt_' || :id, 'default', 'clip.ready', '{}', 1)""",
                id=given["id"],
            )
            await tx.execute(
                """INSERT INTO deliveries (outbox_id, endpoint_id, state, due_at_ms, attempts, status_code, updated_at_ms)
                    VALUES ('evt_' || :id, :hook, 'failed', 1, 1, 410, 1)""",
                **given,
            )
            await tx.execute(
                """INSERT INTO audit_log (id, at_ms, action, tenant_id, object_id, actor)
                    VALUES ('aud_' || :id, 1, 'hall.close', 'default', 'h_' || :id, 'system')""",
                id=given["id"],
            )
    expected = [f"{n:026}" for n in reversed(range(_ROOMS))]
    assert await _walk(visitor, "/clips", r' href="/clips/clip_(\d+)">') == expected
    assert await _walk(visitor, f"/webhooks/{hook}?state=failed", r'id="d-evt_(\d+)"') == expected
    assert await _walk(visitor, "/audit?action=hall.close", r"<code>h_(\d+)</code>") == expected
