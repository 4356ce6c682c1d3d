"""One recording with all outputs at once: a participant who changes colour and tone, and what lies in the store then."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from livekit import api
from minio import Minio

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, WorkerProcess, receiving
from tests.integration.egress.dispatcher.rendition import Playlist
from tests.integration.egress.recorder.footage import Colour
from tests.integration.egress.recorder.harness import Stagehand

BLUE, RED, GREEN = (110, 180, 90), (90, 100, 200), (140, 90, 80)
FPS, SEGMENT_S, INTERVAL_S, POSTER_S = 15, 2, 1, 3
OPTIONS = api.EncodingOptions(width=320, height=180, framerate=FPS)


@dataclass
class Made:
    """What one egress left behind, and what happened meanwhile."""

    folder: Path
    """Every object under its key."""
    room: str = ""
    room_id: str = ""
    asked_s: tuple[float, float] = (0.0, 0.0)
    """Wall time before and after the call that began it."""
    info: api.EgressInfo = field(default_factory=api.EgressInfo)
    colours: list[tuple[float, Colour]] = field(default_factory=list)
    """When its participant was told to have which colour, wall time."""
    live: str = ""
    """The live playlist while it ran."""
    was_there: list[bool] = field(default_factory=list)
    """Whether the store had what the live playlist named."""

    def path(self, name: str) -> Path:
        return self.folder / self.room / name

    @property
    def poster(self) -> Path:
        """The one picture that lies beside the file, under whatever name."""
        [found] = self.path("").glob("*.jpeg")
        return found


def _request(room: str) -> api.RoomCompositeEgressRequest:
    return api.RoomCompositeEgressRequest(
        room_name=room,
        layout="single-speaker",
        advanced=OPTIONS,
        file_outputs=[api.EncodedFileOutput(filepath="{room_name}/whole")],
        segment_outputs=[
            api.SegmentedFileOutput(
                playlist_name="{room_name}/hls/list.m3u8",
                live_playlist_name="{room_name}/hls/live.m3u8",
                filename_prefix="{room_name}/hls/piece",
                segment_duration=SEGMENT_S,
            )
        ],
        image_outputs=[
            api.ImageOutput(
                filename_prefix="{room_name}/still/at",
                capture_interval=INTERVAL_S,
                width=160,
                height=160,
                filename_suffix=api.ImageFileSuffix.IMAGE_SUFFIX_TIMESTAMP,
            ),
            api.ImageOutput(
                filename_prefix="{room_name}/{time}-{utc}-{room_id}",
                capture_interval=POSTER_S,
                filename_suffix=api.ImageFileSuffix.IMAGE_SUFFIX_NONE_OVERWRITE,
            ),
        ],
    )


async def record(made: Made, worker: WorkerProcess, settings: Settings, bucket: Minio) -> None:
    own, name = settings.livekit, settings.storage.bucket
    key, secret = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with api.LiveKitAPI(own.http_url, key, secret) as lk, receiving(settings) as hooks:
        room = await lk.room.create_room(api.CreateRoomRequest(name=f"room-{uuid4().hex[:8]}"))
        made.room, made.room_id = room.name, room.sid
        stage = Stagehand(own, made.folder, room.name)
        ann = stage.come("ann", colour=BLUE, tone_hz=440, width=320, height=180)
        made.colours.append((time.time(), BLUE))
        before_s = time.time()
        started = await lk.egress.start_room_composite_egress(_request(room.name))
        made.asked_s = (before_s, time.time())
        await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
        for colour, tone_hz in ((RED, 1000), (GREEN, 440)):
            await asyncio.sleep(3.5)
            ann.do("change", colour=colour, tone_hz=tone_hz)
            made.colours.append((time.time(), colour))
        await _look_live(made, bucket, name)
        await asyncio.sleep(3.3)
        await Caller(lk, room.name).stop(started.egress_id)
        await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
        made.info = await Caller(lk, room.name).get(started.egress_id)
        await worker.wait_until_empty()
        stage.clear()
    for item in bucket.list_objects(name, f"{made.room}/", recursive=True):
        bucket.fget_object(name, item.object_name, str(made.folder / item.object_name))


async def _look_live(made: Made, bucket: Minio, name: str) -> None:
    """Read the live playlist, once it is there, and look whether the store has what it names."""
    key = f"{made.room}/hls/live.m3u8"
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(lambda: any(bucket.list_objects(name, key))):
            await asyncio.sleep(0.1)

    def fetch() -> None:
        with bucket.get_object(name, key) as response:
            made.live = response.read().decode()
        for segment in Playlist.parse(made.live).segments:
            size = bucket.stat_object(name, f"{made.room}/hls/{segment.name}").size
            made.was_there.append(bool(size))

    await asyncio.to_thread(fetch)
