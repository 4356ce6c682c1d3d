"""Sound and picture of somebody behind a bad network: 5 % of the packets lost, the others delayed by up to 200 ms."""

import asyncio
import tempfile
from pathlib import Path
from statistics import median

import av

from rtcstack.demo.schedule import Media
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.support import picture_numbers
from tests.support.appliance import Appliance
from tests.support.lossy_network import LossyNetwork

_SECONDS = 60
_LIMIT_MS = 80
_NEW_S = 10
"""So long WebRTC does not know the network, and has no word of the sender's clock."""
_MEDIA = Media(sound="beep")


async def measure(appliance: Appliance) -> list[Figure]:
    """Record a minute of one participant behind that network, who beeps every second."""
    with tempfile.TemporaryDirectory() as folder, LossyNetwork(appliance.settings.livekit) as network:
        async with hold(appliance) as meeting:
            url, token = await meeting.token("far")
            with network.participant(url, token, 0, _MEDIA):
                await meeting.start()
                await asyncio.sleep(_SECONDS)
                entry = await meeting.stop()
            file = await meeting.file(entry, Path(folder))
        found = await asyncio.to_thread(picture_numbers.offsets_ms, file, 0, _MEDIA.framerate)
        apart_ms = _ends_apart_ms(file)
    offsets = [offset for _, offset in found]
    half = len(offsets) // 2
    assert half > _SECONDS // 4, f"only {len(offsets)} beeps with pictures around them in {_SECONDS} s"
    lost = network.passed.lost / network.passed.packets
    beside = f"{lost:.1%} of {network.passed.packets} packets lost, both ways together"
    largest = max(abs(offset) for offset in offsets)
    later = max(abs(offset) for at_s, offset in found if at_s > _NEW_S)
    return [
        of("sound after picture under loss and jitter", offsets, "ms", beside=beside),
        of("largest of it", [largest], "ms", target=_LIMIT_MS),
        of(f"largest after the first {_NEW_S} s", [later], "ms", target=_LIMIT_MS),
        of("drift, second half to first", [median(offsets[half:]) - median(offsets[:half])], "ms"),
        of("ends of the picture and the sound track apart", [apart_ms], "ms"),
    ]


def _ends_apart_ms(file: Path) -> float:
    with av.open(str(file)) as container:
        ends = [float((stream.duration or 0) * (stream.time_base or 0)) for stream in container.streams]
    return abs(ends[0] - ends[1]) * 1000
