"""Ends that nobody told of, over the real LiveKit, Redis and MinIO: they are learned, and LiveKit's books put right."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus, RoomCompositeEgressRequest, StopEgressRequest

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.endpoint import Method
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.adapters.psrpc.messages import ListActiveEgressRequest, ListActiveEgressResponse
from rtcstack.adapters.psrpc.server import Server
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict
from rtcstack.repositories import parts
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.integration.api.reconciling import WAIT_S, Operator, mended, open_of, operator_of


@pytest.fixture
async def bus(api: Api) -> AsyncIterator[Bus]:
    """A connection of a worker's own."""
    bus = Bus(api.settings.redis)
    await bus.start()
    yield bus
    await bus.close()


@pytest.fixture
async def operator(api: Api) -> Operator:
    return await operator_of(api)


@pytest.fixture
async def shelf(api: Api) -> Shelf:
    shelf = Shelf(api)
    await shelf.room()
    return shelf


async def _books(bus: Bus, room: str, key: str) -> EgressInfo:
    """Have LiveKit's books show an egress as active."""
    io_info = IOInfoClient(bus)
    await io_info.start()
    composite = RoomCompositeEgressRequest(room_name=room)
    composite.file_outputs.add(filepath=key)
    info = EgressInfo(
        egress_id=f"EG_{uuid.uuid4().hex[:12]}",
        room_name=room,
        room_composite=composite,
        updated_at=time.time_ns(),
    )
    await io_info.create_egress(info)
    info.status = EgressStatus.EGRESS_ACTIVE
    await io_info.update_egress(info)
    return info


async def _status(bus: Bus, egress_id: str) -> int:
    io_info = IOInfoClient(bus)
    await io_info.start()
    return (await io_info.get_egress(egress_id)).status


async def _linked(api: Api, shelf: Shelf, state: RecordingState, bus: Bus) -> tuple[Recording, str]:
    """Return a recording in that state, and its egress, which LiveKit shows as active."""
    recording = await shelf.add(state, egress_id=None)
    info = await _books(bus, recording.room_id, recording.object_key)
    async with api.platform._adapters.db.transaction() as tx:
        await parts.link_egress(tx, recording.id, info.egress_id, "active", 1)
        sql = "UPDATE recordings SET started_at_ms = started_at_ms - 60000, size_bytes = NULL WHERE id = :id"
        await tx.execute(sql, id=recording.id)
    return recording, info.egress_id


async def _worker(bus: Bus, egress_id: str) -> Server:
    """A worker that has the egress on its list, and answers for it that it has ended."""

    async def active(_: Any) -> Any:
        return ListActiveEgressResponse(egress_ids=[egress_id])

    async def stop(_: Any) -> Any:
        raise Conflict(f"egress {egress_id} has ended")

    server = Server(bus)
    await server.register(
        Method("EgressInternal", "ListActiveEgress", ListActiveEgressRequest, active, is_multi=True)
    )
    await server.register(
        Method("EgressHandler", "StopEgress", StopEgressRequest, stop, is_queue=True), egress_id
    )
    return server


@pytest.mark.parametrize("state", [RecordingState.STOPPING, RecordingState.RECORDING])
async def test_an_end_that_livekit_has_lost_is_learned_from_worker_and_bucket(
    api: Api, shelf: Shelf, bus: Bus, operator: Operator, state: RecordingState
) -> None:
    recording, egress_id = await _linked(api, shelf, state, bus)
    shelf.put(recording.object_key)
    server = await _worker(bus, egress_id)
    report = await operator.look()
    assert "end_unheard" in [*mended(report, egress_id), *mended(report, recording.object_key)]
    await operator.until(recording.id, RecordingState.READY)
    assert await _status(bus, egress_id) == EgressStatus.EGRESS_ACTIVE  # LiveKit still does not know
    await server.close()


async def _join(api: Api) -> None:
    """Have somebody counted whom LiveKit does not have."""
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute(
            """INSERT INTO participants (sid, tenant_id, room_id, room_sid, identity, joined_at_ms)
            VALUES ('PA_gone', 'default', 'shelf', 'RM_gone', 'ada', 1)"""
        )


async def test_what_nobody_has_any_more_ends_and_who_is_not_there_counts_no_longer(
    api: Api, shelf: Shelf, bus: Bus, operator: Operator
) -> None:
    recording, egress_id = await _linked(api, shelf, RecordingState.RECORDING, bus)
    await _join(api)
    began_s = time.monotonic()
    found: dict[str, set[str]] = {egress_id: set(), "PA_gone": set()}
    async with asyncio.timeout(WAIT_S):
        while await _status(bus, egress_id) == EgressStatus.EGRESS_ACTIVE:
            report = await operator.look()
            for subject, kinds in found.items():
                kinds |= set(open_of(report, subject))
            await asyncio.sleep(0.5)
    failed = await operator.until(recording.id, RecordingState.FAILED)
    assert failed.error_code == "not_recovered"
    assert time.monotonic() - began_s > 20  # a worker that starts again is given the time to
    assert {"egress_missing", "books_behind"} <= found[egress_id]
    assert found["PA_gone"] == {"participant_gone"}
    assert await _status(bus, egress_id) == EgressStatus.EGRESS_FAILED
    report = await operator.look()
    assert open_of(report, egress_id) == open_of(report, "PA_gone") == []
    assert sorted(mended(report, egress_id)) == ["books_behind", "egress_gone"]
    assert mended(report, "PA_gone") == ["participant_gone"]
    row = await api.platform._adapters.db.find("SELECT left_at_ms FROM participants WHERE sid = 'PA_gone'")
    assert row is not None
    assert row["left_at_ms"]
