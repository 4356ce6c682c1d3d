"""Promise 25: whatever part is killed while rooms are recorded, each recording ends, and what was recorded is kept."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcstack.demo import hearing
from rtcstack.egress.spool import SpoolFolder
from tests.chaos.counts import Counts
from tests.chaos.drawn import WITHIN_S, Drawn, longest_gap_s
from tests.chaos.faults import ENDS, FAULTS, LEAVE_ALONE, until_well
from tests.chaos.persistent import Persistent
from tests.chaos.waiting import until
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_RECORDED_S = 2
_TERMINAL = {"ready", "archived", "failed"}


@dataclass(frozen=True)
class _Taken:
    """What is recorded of a room over one fault, and when: instants are wall time, in s."""

    fault: str
    room: str
    egress_id: str
    drawn: Drawn
    seen_s: float
    """The first picture that the disk had."""
    fault_s: float
    back_s: float
    """The first picture that the disk had and that was drawn when all was well again; the fault if that ended the recording."""
    stop_s: float

    def check(self, times: list[float]) -> float:
        """Hold the object's pictures against what is promised: nothing until a second before the fault is missing, and what the
        disk had afterwards is there; what leaves the recorder alone leaves no hole at all. Return the longest hole, in s.
        """
        kept_until_s = self.stop_s if self.fault in LEAVE_ALONE else self.fault_s
        gap_s = longest_gap_s(times, self.seen_s, kept_until_s - WITHIN_S)
        assert gap_s <= WITHIN_S, f"{self.fault}: {gap_s:.1f} s are missing of what was recorded"
        if self.fault != ENDS:
            assert times[-1] >= self.back_s, f"{self.fault}: what was recorded afterwards is missing"
        return gap_s


async def test_25_whatever_part_dies_while_rooms_are_recorded_it_converges(
    caller: Caller,
    appliance: Appliance,
    counts: Counts,
    rng: random.Random,
    figure: Callable[[str], None],
) -> None:
    """Mechanisms: the supervisor, the spool, inbox and outbox; Redis' and LiveKit's memory are no truth."""
    order = [
        name
        for _ in range(counts.faults // len(FAULTS) + 1)
        for name in rng.sample(list(FAULTS), len(FAULTS))
    ]
    order = order[: counts.faults]
    print("faults:", order)  # noqa: T201 - shown if the test fails
    persistent = Persistent(caller)
    taken = [await _take(persistent, appliance, name, f"chaos-{n}") for n, name in enumerate(order)]
    holes_s = []
    for one in taken:
        file = caller.folder / f"{one.room}.mp4"
        await _fetch(persistent, one.room, file)
        holes_s.append(one.check(await asyncio.to_thread(one.drawn.times_in, file)))
        [ended] = await _endings(caller, one.egress_id)
        assert "error" not in ended, (one.fault, ended)
    figure(
        f"25: {len(order)} faults in random order: {len(taken)} recordings ready, each whole until a second before, "
        f"{sum(name in LEAVE_ALONE for name in order)} until the stop; the longest hole in that {max(holes_s):.2f} s; "
        "0 failed, 0 stuck, 0 told twice"
    )


async def _take(persistent: Persistent, appliance: Appliance, fault: str, room: str) -> _Taken:
    """Record a room with somebody in it, over the fault, until it is stopped when all is well again."""
    await persistent.room(room)
    async with persistent.visitor(room) as person:
        drawn = Drawn(person)
        egress_id = await persistent.start(room)
        spool = SpoolFolder(appliance.settings.spool_path / egress_id)
        seen_s = await drawn.until_kept(spool, 0)
        await asyncio.sleep(_RECORDED_S)
        fault_s = time.time()
        await FAULTS[fault](appliance)
        await until_well(appliance)
        back_s = fault_s if fault == ENDS else await drawn.until_kept(spool, time.time())
        stop_s = time.time()
        await persistent.stop(room)
    return _Taken(fault, room, egress_id, drawn, seen_s, fault_s, back_s, stop_s)


async def _fetch(persistent: Persistent, room: str, file: Path) -> None:
    """Wait until it is ready, fetch its object and decode the sound in it."""

    async def has_ended() -> bool:
        return all(r["status"] in _TERMINAL for r in await persistent.recordings(room))

    await until(has_ended, f"the recording of {room} ends")
    [recording] = await persistent.recordings(room)
    assert recording["status"] == "ready", recording
    async with httpx.AsyncClient() as plain:
        content = (await plain.get(recording["downloadUrl"])).raise_for_status().content
    assert len(content) == recording["size"] > 0
    await asyncio.to_thread(file.write_bytes, content)
    assert (await asyncio.to_thread(hearing.load, file)).size


async def _endings(caller: Caller, egress_id: str) -> list[dict[str, Any]]:
    """Return the different events that told of its end, once one has come."""

    async def is_told() -> bool:
        return bool(caller.endpoint.about(egress_id))

    await until(is_told, f"egress_ended of {egress_id}")
    told = {headers["webhook-id"]: json.loads(body) for headers, body in caller.endpoint.about(egress_id)}
    return list(told.values())
