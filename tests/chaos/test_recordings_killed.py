"""Promises 7, 8 and 25: whatever is killed while rooms are recorded, each recording ends, and what was recorded is kept."""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcstack.demo.inspect import Inspection, inspect
from tests.chaos.counts import Counts
from tests.chaos.faults import FAULTS, kill_worker, until_well
from tests.chaos.persistent import Persistent
from tests.chaos.waiting import until
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance
from tests.support.standstill import standing_still

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_RECORDED_S = 2
_TERMINAL = {"ready", "archived", "failed"}


async def _recorded_for(seconds: float, caller: Caller, room: str) -> tuple[str, float]:
    """Record the room for at least so long; return the egress id and since when, monotonic, there were pictures."""
    await caller.room(room)
    egress_id = str((await caller.start(room))["egressId"])
    await caller.until_active(room)
    began_s = time.monotonic()
    await asyncio.sleep(seconds)
    return egress_id, began_s


def _look(file: Path) -> Inspection:
    """Decode all of it: what is damaged raises."""
    return inspect(file, [])


async def test_07_what_a_killed_recorder_wrote_plays_to_within_a_second_of_the_kill(
    caller: Caller, appliance: Appliance
) -> None:
    """Mechanism: the file consists of fragments of half a second, and the next worker finishes it."""
    egress_id, began_s = await _recorded_for(4, caller, "killed")
    recorded_s = time.monotonic() - began_s
    kill_worker(appliance)
    await Persistent(caller).stop("killed")
    ended = await caller.ended(egress_id)
    assert "error" not in ended
    seen = await asyncio.to_thread(_look, await caller.download("killed"))
    assert seen.video is not None
    assert seen.video.duration_s >= recorded_s - 1
    assert len(caller.endpoint.about(egress_id)) == 1
    await until_well(appliance)


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL], ids=["hangs", "is killed"])
async def test_08_the_file_arrives_although_the_store_is_away_when_the_recording_ends(
    caller: Caller, appliance: Appliance, counts: Counts, fault: signal.Signals
) -> None:
    """Mechanism: the file stays in the spool until the store has confirmed it; trouble that may pass is retried."""
    room = f"store-{fault.name.lower()}"
    egress_id, began_s = await _recorded_for(2, caller, room)
    recorded_s = time.monotonic() - began_s
    store = (await asyncio.to_thread(appliance.part, "minio"))["pid"]
    away = standing_still(store) if fault is signal.SIGSTOP else _killed(store)
    with away:
        await Persistent(caller).stop(room)
        if fault is signal.SIGSTOP:
            await asyncio.sleep(counts.store_down_s)
            assert caller.endpoint.about(egress_id) == []
            assert (await caller.recordings(room))[0]["status"] not in _TERMINAL
    ended = await caller.ended(egress_id)
    assert "error" not in ended
    file = await caller.download(room)
    assert file.stat().st_size == ended["size"]
    seen = await asyncio.to_thread(_look, file)
    assert seen.video is not None
    assert seen.video.duration_s >= recorded_s - 1
    await until_well(appliance)


@contextmanager
def _killed(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGKILL)
    yield


async def test_25_whatever_part_dies_while_rooms_are_recorded_it_converges(
    caller: Caller,
    appliance: Appliance,
    counts: Counts,
    rng: random.Random,
    figure: Callable[[str], None],
) -> None:
    """Mechanisms: the supervisor, the spool, `CatchUp`, inbox and outbox; Redis' and LiveKit's memory are no truth."""
    order = [
        name
        for _ in range(counts.faults // len(FAULTS) + 1)
        for name in rng.sample(list(FAULTS), len(FAULTS))
    ]
    order = order[: counts.faults]
    print("faults:", order)  # noqa: T201 - shown if the test fails
    persistent = Persistent(caller)
    egress_ids: dict[str, str] = {}
    for n, name in enumerate(order):
        room = f"chaos-{n}"
        await persistent.room(room)
        egress_ids[room] = await persistent.start(room)
        await persistent.until_begun(room)
        await asyncio.sleep(_RECORDED_S)
        await FAULTS[name](appliance)
        await until_well(appliance)
        await persistent.stop(room)
    kept_s = []
    for name, (room, egress_id) in zip(order, egress_ids.items(), strict=True):
        kept_s.append(await _kept_s(persistent, room, caller.folder / f"{room}.mp4"))
        assert kept_s[-1] >= _RECORDED_S - 1, f"{name}: {kept_s[-1]} s are kept of {_RECORDED_S} and more"
        [ended] = await _endings(caller, egress_id)
        assert "error" not in ended, (name, ended)
    figure(
        f"25: {len(order)} faults in random order: {len(kept_s)} recordings ready and whole, the shortest {min(kept_s):.1f} s, "
        "0 failed, 0 stuck, 0 told twice"
    )


async def _kept_s(persistent: Persistent, room: str, file: Path) -> float:
    """Wait until it is ready, decode all of its object, and return how long its pictures last."""

    async def has_ended() -> bool:
        return all(r["status"] in _TERMINAL for r in await persistent.recordings(room))

    await until(has_ended, f"the recording of {room} ends")
    [recording] = await persistent.recordings(room)
    assert recording["status"] == "ready", recording
    async with httpx.AsyncClient() as plain:
        content = (await plain.get(recording["downloadUrl"])).raise_for_status().content
    assert len(content) == recording["size"] > 0
    await asyncio.to_thread(file.write_bytes, content)
    seen = await asyncio.to_thread(_look, file)
    assert seen.video is not None
    assert seen.audio is not None
    return seen.video.duration_s


async def _endings(caller: Caller, egress_id: str) -> list[dict[str, Any]]:
    """Return the different events that told of its end, once one has come."""

    async def is_told() -> bool:
        return bool(caller.endpoint.about(egress_id))

    await until(is_told, f"egress_ended of {egress_id}")
    told = {headers["webhook-id"]: json.loads(body) for headers, body in caller.endpoint.about(egress_id)}
    return list(told.values())
