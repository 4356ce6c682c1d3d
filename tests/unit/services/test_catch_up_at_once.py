"""Two who look at the same time: what both of them see to be lost is mended once, and told of once."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from livekit.protocol.egress import EgressInfo, FileInfo
from livekit.protocol.egress import EgressStatus as WireStatus

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.finding import FindingKind
from rtcstack.domain.recording import RecordingState
from rtcstack.egress.dispatcher.journal import Journal, Reported
from rtcstack.egress.kept import KeptInSpool
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.egress_watch import EgressWatch
from tests.unit.services.conftest import World

_LOOKERS = 2
_PATIENCE_S = 20


class _MeetingKept(KeptInSpool):
    """Answers once so many have asked: each of them has listed the recording as running by then."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._barrier = threading.Barrier(_LOOKERS, timeout=_PATIENCE_S)

    def find_end(self, egress_id: str) -> EgressSnapshot | None:
        self._barrier.wait()
        return super().find_end(egress_id)


async def _both_look(world: World) -> None:
    """Look as the worker for it does, and as the reconciler's check does at boot."""
    made = [
        CatchUp(
            world.db, world.clock, world.livekit, EgressWatch(world.clock, world.fleet),
            world.egress_events, kept, abandoned_after_s=30,
        )
        for kept in [_MeetingKept(world.spool)] * _LOOKERS
    ]  # fmt: skip
    await asyncio.gather(made[0].run_once(), made[1].look())


async def _repairs(world: World) -> list[tuple[str | None, str]]:
    report = await world.reconciler.report()
    return [(repair.object_id, repair.details["finding"]) for repair in report.repairs]


async def test_an_end_that_livekit_tells_both_of_is_one_repair(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = await world.started()
    world.livekit.egresses["EG_1"] = replace(
        world.livekit.egresses["EG_1"], status=EgressStatus.COMPLETE, size_bytes=1000, duration_ms=5000
    )
    world.clock.advance(31)
    asked = world.livekit.list_egresses
    barrier = asyncio.Barrier(_LOOKERS)

    async def meet(room_name: str) -> list[EgressSnapshot]:
        async with asyncio.timeout(_PATIENCE_S), barrier:
            return await asked(room_name)

    monkeypatch.setattr(world.livekit, "list_egresses", meet)  # both ask before either writes
    await _both_look(world)
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    assert await _repairs(world) == [(recording.id, FindingKind.END_UNHEARD)]


async def test_an_end_that_both_find_in_the_spool_is_one_repair(world: World) -> None:
    recording = await world.started()
    world.clock.advance(10)
    ended_ns = world.clock.now_ms() * 1_000_000
    info = EgressInfo(
        egress_id="EG_1", room_name=recording.room_id, status=WireStatus.EGRESS_COMPLETE,
        updated_at=ended_ns, ended_at=ended_ns,
        file_results=[FileInfo(filename=recording.object_key, size=1000, duration=5 * 10**9)],
    )  # fmt: skip
    (world.spool / "EG_1").mkdir()
    await Journal(world.spool / "EG_1" / "journal.jsonl").append(Reported(1, info.SerializeToString()))
    world.clock.advance(31)
    await _both_look(world)
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    assert await _repairs(world) == [(recording.id, FindingKind.END_UNHEARD)]
