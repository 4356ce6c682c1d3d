"""Pages, totals and cursors, held against the plain way: sort everything and cut."""

from collections.abc import Sequence

import pytest

from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.recording_list import Cursor, RecordingFilter
from rtcstack.domain.room import Room
from rtcstack.errors import Conflict, Invalid
from rtcstack.ids import new_id
from rtcstack.repositories import library, rooms
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import failed, ready

_DAY_MS = 86_400_000
_STATES = (RecordingState.READY, RecordingState.PROCESSING, RecordingState.FAILED)


async def _fill(world: World, count: int = 90) -> list[Recording]:
    """Put recordings of two rooms over a few days, some at one instant; return the undeleted, newest first."""
    async with world.db.transaction() as tx:
        for room_id in ("a", "b"):
            await rooms.add(tx, Room(TENANT, room_id, room_id.upper(), 1))
        made = []
        for n in range(count):
            recording = Recording(
                id=new_id("rec", 1),
                tenant_id=TENANT,
                room_id="ab"[n % 2],
                state=_STATES[n % 3],
                bucket="recordings",
                object_key=f"k{n}",
                started_at_ms=(n * n % 7) * _DAY_MS + n // 10 * 1000,
                size_bytes=n,
            )
            await library.add_found(tx, recording, None)
            made.append(recording)
        deleted = {r.id for r in made[::7]}
        for recording in made[::7]:
            assert await library.delete(tx, recording, 5)
    kept = [r for r in made if r.id not in deleted]
    return sorted(kept, key=lambda r: (r.started_at_ms, r.id), reverse=True)


def _ids(recordings: Sequence[Recording]) -> list[str]:
    return [recording.id for recording in recordings]


@pytest.mark.parametrize(
    "which",
    [
        RecordingFilter(),
        RecordingFilter(room_id="a"),
        RecordingFilter(states=frozenset({RecordingState.READY})),
        RecordingFilter("b", frozenset({RecordingState.READY, RecordingState.FAILED})),
        RecordingFilter(states=frozenset({RecordingState.PROCESSING, RecordingState.FAILED})),
        RecordingFilter(states=frozenset({RecordingState.QUEUED})),
        RecordingFilter(room_id="unknown"),
    ],
)
async def test_every_page_is_the_right_cut(world: World, which: RecordingFilter) -> None:
    kept = [
        r
        for r in await _fill(world)
        if which.room_id in (None, r.room_id) and (not which.states or r.state in which.states)
    ]
    for limit in (1, 7, 100):
        for offset in (0, 1, 6, 7, 30, len(kept) - 1, len(kept), 500):
            page = await world.catalog.page(TENANT, which, limit=limit, offset=max(offset, 0))
            assert _ids(page.recordings) == _ids(kept[max(offset, 0) :][:limit])
            assert page.total == len(kept)
            assert (page.after is not None) == (max(offset, 0) + limit < len(kept))


async def test_cursors_lead_through_everything_while_newer_ones_arrive(world: World) -> None:
    kept = await _fill(world)
    seen: list[str] = []
    cursor = None
    for _ in range(40):
        page = await world.catalog.page(TENANT, RecordingFilter(), limit=9, cursor=cursor)
        seen += _ids(page.recordings)
        await world.started(f"new-{len(seen)}")
        if page.after is None:
            break
        cursor = Cursor.parse(page.after.text())
    assert seen == _ids(kept)


async def test_a_limit_above_100_is_100(world: World) -> None:
    await _fill(world, 130)
    page = await world.catalog.page(TENANT, RecordingFilter(), limit=10**30)
    assert (len(page.recordings), page.limit) == (100, 100)


async def test_the_counters_follow_every_change(world: World) -> None:
    recording = await ready(world, "one")
    await failed(world, "two")
    await world.recording_delete.delete(TENANT, recording.id)
    rows = await world.db.all("SELECT sum(n) AS n, sum(bytes) AS bytes FROM recording_days")
    assert dict(rows[0]) == {"n": 1, "bytes": 1000}
    rows = await world.db.all("SELECT state, n FROM recording_state_days")
    assert [dict(row) for row in rows] == [{"state": "failed", "n": 1}]


@pytest.mark.parametrize("text", ["", "x", "ä", "====", "MS5yZWNfMQ==x", "LTEucmVjX2E", "1.rec_a"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Cursor.parse(text)


async def test_a_download_has_a_link_only_when_there_is_a_file(world: World) -> None:
    recording = await ready(world)
    download = await world.catalog.download(TENANT, recording.id)
    assert recording.object_key in (download.url or "")
    assert download.provider == "minio"
    active = await world.started("other")
    assert (await world.catalog.download(TENANT, active.id)).url is None
    await world.recording_archive.archive(TENANT, recording.id)
    with pytest.raises(Conflict, match="restore brings it back"):
        await world.catalog.download(TENANT, recording.id)
    gone = await failed(world, "third")
    with pytest.raises(Conflict, match="the encoder died"):
        await world.catalog.download(TENANT, gone.id)
