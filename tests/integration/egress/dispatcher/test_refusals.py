"""What the worker does not take, asked over psrpc itself: LiveKit's own client would try again for seconds."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit import api
from livekit.protocol.egress import EgressInfo

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.fleet import EgressFleet
from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.errors import PartUnavailable
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess

_PAGE = "https://127.0.0.1/page"


@pytest.fixture
async def bus(settings: Settings) -> AsyncIterator[Bus]:
    bus = Bus(settings.redis)
    await bus.start()
    yield bus
    await bus.close()


async def _start(bus: Bus, egress_id: str = "", **form: Any) -> EgressInfo:
    client = Client(bus, "EgressInternal", part="egress")
    await client.start()
    request: Any = StartEgressRequest(
        egress_id=egress_id or f"EG_{uuid.uuid4().hex[:12]}", room_id="RM_x", **form
    )
    return await client.request("StartEgress", request, EgressInfo, timeout_s=2)


async def test_what_other_workers_do_is_left_to_them(worker: WorkerProcess, bus: Bus) -> None:
    stream = api.StreamOutput(protocol=api.StreamProtocol.RTMP, urls=["rtmp://127.0.0.1/live"])
    with pytest.raises(PartUnavailable, match="nobody answered"):
        await _start(
            bus, room_composite=api.RoomCompositeEgressRequest(room_name="r", stream_outputs=[stream])
        )
    assert worker.folders() == []


@pytest.mark.parametrize("filepath", ["../other/a.mp4", "/etc/a.mp4", "a/../../b.mp4", "a\nb.mp4"])
async def test_a_path_that_leads_astray_is_refused_at_once(
    worker: WorkerProcess, caller: Caller, filepath: str
) -> None:
    with pytest.raises(api.TwirpError, match="filepath") as caught:
        await caller.start(filepath=filepath)
    assert caught.value.status == 400
    assert worker.folders() == []


@pytest.mark.parametrize(
    "form",
    [
        {
            "room_composite": api.RoomCompositeEgressRequest(
                room_name="r", custom_base_url=_PAGE, file_outputs=[api.EncodedFileOutput(filepath="a.mp4")]
            )
        },
        {
            "egress": api.StartEgressRequest(
                room_name="r",
                template=api.TemplateSource(custom_base_url=_PAGE),
                outputs=[api.Output(file=api.FileOutput(filepath="a.mp4"))],
            )
        },
    ],
    ids=["older", "newer"],
)
async def test_a_page_of_ones_own_is_left_to_others(
    worker: WorkerProcess, bus: Bus, form: dict[str, Any]
) -> None:
    with pytest.raises(PartUnavailable, match="nobody answered"):
        await _start(bus, **form)
    assert worker.folders() == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"layout": "mosaic"}, "single-speaker-dark"),
        ({"preset": 99}, "PORTRAIT_H264_1080P_60"),
        ({"advanced": api.EncodingOptions(width=20_000, height=720)}, "20000 is not between 16 and 1920"),
        ({"segment_outputs": [api.SegmentedFileOutput(segment_duration=61)]}, "61 is not between 1 and 60"),
    ],
)
async def test_what_nobody_knows_is_refused_at_once_with_what_there_is(
    worker: WorkerProcess, caller: Caller, wrong: dict[str, Any], told: str
) -> None:
    file = api.EncodedFileOutput(filepath="a.mp4")
    request = api.RoomCompositeEgressRequest(room_name=caller.room_name, file_outputs=[file], **wrong)
    with pytest.raises(api.TwirpError, match=told) as caught:
        await caller.lk.egress.start_room_composite_egress(request)
    assert caught.value.status == 400
    assert worker.folders() == []


async def test_a_full_disk_is_named(stopped_worker: WorkerProcess, bus: Bus) -> None:
    stopped_worker.start(RTCSTACK_EGRESS__MIN_FREE_BYTES=str(2**60))
    file = api.EncodedFileOutput(filepath="a.mp4")
    with pytest.raises(PartUnavailable, match="disk of the Egress worker is nearly full") as caught:
        await _start(bus, room_composite=api.RoomCompositeEgressRequest(room_name="r", file_outputs=[file]))
    assert caught.value.details["psrpc_code"] == "resource_exhausted"
    assert stopped_worker.folders() == []


async def test_the_same_egress_id_again_gets_the_one_that_runs(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, bus: Bus
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    file = api.EncodedFileOutput(filepath="elsewhere.mp4")
    request = api.RoomCompositeEgressRequest(room_name=caller.room_name, file_outputs=[file])
    again = await _start(bus, started.egress_id, room_composite=request)
    assert again.status == api.EgressStatus.EGRESS_ACTIVE
    assert again.file_results[0].filename == f"{caller.room_name}/take.mp4"
    fleet = EgressFleet(bus)
    await fleet.start()
    assert await fleet.active_egress_ids(0.3) == [frozenset({started.egress_id})]
    assert worker.folders() == [started.egress_id]


async def test_updating_a_running_egress_is_unimplemented(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    del worker  # only has to run
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    request = api.UpdateStreamRequest(egress_id=started.egress_id, add_output_urls=["rtmp://127.0.0.1/live"])
    with pytest.raises(api.TwirpError, match="cannot change the outputs") as caught:
        await caller.lk.egress.update_stream(request)
    assert caught.value.status == 501
