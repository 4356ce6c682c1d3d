"""A start's options, from the call's body to what the built-in Egress worker makes of LiveKit's request."""

from typing import Any

import msgspec
import pytest
from livekit.protocol.egress import EncodingOptionsPreset, RoomCompositeEgressRequest

from rtcstack.adapters.livekit.client import _request
from rtcstack.api.rooms.schemas import StartRequest
from rtcstack.domain.preset import PRESETS
from rtcstack.egress.dispatcher import encoding
from rtcstack.egress.job import Encoding
from tests.unit.services.conftest import TENANT, World


async def _encoded(world: World, **body: Any) -> Encoding:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    await world.start.start(TENANT, "r", msgspec.convert(body, StartRequest).to_domain())
    [composite] = world.livekit.started
    return encoding.read(_request(composite))


def test_there_are_livekits_presets_and_no_others() -> None:
    assert {*PRESETS, "PASSTHROUGH"} == {*EncodingOptionsPreset.keys()}


@pytest.mark.parametrize("name", PRESETS)
async def test_a_preset_is_what_livekits_own_is(world: World, name: str) -> None:
    livekits = RoomCompositeEgressRequest(preset=EncodingOptionsPreset.Value(name))
    assert await _encoded(world, preset=name) == encoding.read(livekits)


async def test_a_bitrate_beside_a_preset_wins(world: World) -> None:
    given = await _encoded(world, preset="H264_1080P_60", videoBitrate=800)
    assert given == Encoding(1920, 1080, 60, 800_000)


async def test_values_of_ones_own_are_taken_as_they_are(world: World) -> None:
    own = {"width": 640, "height": 360, "framerate": 15}
    assert await _encoded(world, **own, videoBitrate=400) == Encoding(640, 360, 15, 400_000)


async def test_without_any_it_is_720p30(world: World) -> None:
    assert await _encoded(world) == Encoding(1280, 720, 30, 3_000_000)
