"""How long after the stop a recording can be read in its bucket: a real one of 10 s, and one of the size of an hour."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from uuid import uuid4

from livekit import api as livekit

from rtcstack.demo.schedule import Media
from rtcstack.egress.dispatcher import store, uploader
from rtcstack.egress.dispatcher.delivery import Delivery
from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.store import Store
from rtcstack.egress.dispatcher.upload_ahead import UploadAhead
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order, Spool, SpoolFolder
from tests.bench.figures import Figure, of
from tests.bench.meeting import Meeting, hold, livekit_api
from tests.support.appliance import Appliance
from tests.support.growing_part import GrowingPart

_ROUNDS = 5
_SHORT_S = 10
_LONG_S = 3600
_PICTURE_BYTES = 12_500
"""At 30 frames a second these are 3 Mbit/s."""
_LIMIT_S = 0.5
_LOOK_S = 0.01
_PATIENCE_S = 120


async def measure(appliance: Appliance) -> list[Figure]:
    """Record two participants for 10 s, five times; from LiveKit's own call to stop until a HEAD finds the object."""
    taken = []
    for _ in range(_ROUNDS):
        async with hold(appliance) as meeting, AsyncExitStack() as people:
            await meeting.join(people, 2, Media())
            taken.append(await _stop(appliance, meeting))
    return [of("stop until readable in the bucket, after 10 s", taken, "s", target=_LIMIT_S)]


async def _stop(appliance: Appliance, meeting: Meeting) -> float:
    async with livekit_api(appliance) as api:
        egress_id, key = await begin(api, meeting.room_id)
        await asyncio.sleep(_SHORT_S)
        return await end(api, egress_id, store.configured(appliance.settings.storage), key)


async def begin(api: livekit.LiveKitAPI, room_id: str, *, audio_only: bool = False) -> tuple[str, str]:
    """Start a recording by LiveKit's own call; return its egress and the key of its object."""
    key = f"bench/{room_id}.mp4"
    output = livekit.EncodedFileOutput(filepath=key)
    request = livekit.RoomCompositeEgressRequest(
        room_name=room_id, audio_only=audio_only, file_outputs=[output]
    )
    return (await api.egress.start_room_composite_egress(request)).egress_id, key


async def end(api: livekit.LiveKitAPI, egress_id: str, target: Store, prefix: str) -> float:
    """Stop it by LiveKit's own call; return the seconds from there until the bucket lists a file of that prefix."""
    began = monotonic()
    await api.egress.stop_egress(livekit.StopEgressRequest(egress_id=egress_id))
    await _until(lambda: _is_readable(target, prefix))
    return monotonic() - began


def _is_readable(target: Store, prefix: str) -> bool:
    listed = target.client.list_objects(target.bucket, prefix=prefix)
    return any((entry.object_name or "").endswith(".mp4") for entry in listed)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not await asyncio.to_thread(is_so):
            await asyncio.sleep(_LOOK_S)


async def measure_long(appliance: Appliance) -> list[Figure]:
    """Deliver a file of the size and shape of an hour at 3 Mbit/s, by the worker's own parts in this process.

    It is made faster than real time: the recorder's encoder and muxer, small pictures made large by filler. Beside it is
    the same file uploaded once it is complete, as every recorder without this does.
    """
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-", dir=appliance.data) as folder:
        long = _Long(Path(folder), store.configured(appliance.settings.storage))
        await long.record()
        taken_s = await long.stop()
        size_mib, whole_s = long.size_bytes >> 20, await long.upload_whole()
    beside = f"hash and upload of the whole file of {size_mib} MiB: {whole_s:.2f} s"
    name = "stop until readable in the bucket, after 60 min"
    return [of(name, [taken_s], "s", target=_LIMIT_S, beside=beside)]


class _Long:
    def __init__(self, spool: Path, target: Store) -> None:
        self._target, self._key = target, f"bench/{uuid4().hex}.mp4"
        self._order = Order(
            "EG_bench", "RM_bench", "bench", self._key, 1, Encoding(), "grid", has_audio=True, has_video=True
        )
        opened = Spool(spool)
        opened.close()
        self._folder: SpoolFolder = opened.create(self._order)
        self._journal = Journal(self._folder.journal)
        self._session = UploadSession(self._order, self._journal)
        self._ahead = UploadAhead(self._folder, self._session)
        self._part = GrowingPart(self._folder.path / "part-1.mp4", _PICTURE_BYTES)
        self._nursery = Nursery("warning", "console")

    @property
    def size_bytes(self) -> int:
        return self._part.file.stat().st_size

    async def _source(self) -> Store:
        return self._target

    async def record(self) -> None:
        """Return when the hour is on the disk and the store has what it can have of it."""
        self._nursery.start()
        self._ahead.start(self._source)
        await asyncio.to_thread(self._part.last, _LONG_S)
        full = self.size_bytes // self._session.part_bytes
        await _until(lambda: len(self._journal.facts.parts_sent) == full - 1)

    async def stop(self) -> float:
        began = monotonic()
        await asyncio.to_thread(self._part.end)
        await self._ahead.halt()
        delivery = Delivery(self._order, self._folder, self._source, self._journal, self._session)
        await delivery.run(self._nursery)
        taken_s = monotonic() - began
        self._nursery.close()
        assert _is_readable(self._target, self._key)
        return taken_s

    async def upload_whole(self) -> float:
        began = monotonic()
        file = self._part.file
        await uploader.upload(
            self._target,
            file,
            f"{self._key}.whole",
            content_type="video/mp4",
            metadata={},
            sha256=await uploader.hash_file(file),
        )
        return monotonic() - began
