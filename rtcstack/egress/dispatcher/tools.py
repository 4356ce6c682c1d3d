"""What every egress of a worker works with, and what it makes of an order with it."""

from dataclasses import dataclass

from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.job import OverlayJob, RecordingJob
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.settings import LiveKit


@dataclass(frozen=True, slots=True)
class Tools:
    """What every egress works with."""

    livekit: LiveKit
    io: IOInfoClient
    nursery: Nursery
    overlay: OverlayJob
    resume_within_s: float = 300.0
    """How long after its last moment a recording that is found in the spool may go on."""
    max_duration_ms: int = 0
    max_bytes: int = 0
    """How long a recording and how large its file may become; 0: as it comes."""


def job_for(order: Order, folder: SpoolFolder, tools: Tools) -> RecordingJob:
    """Return what the first recorder of an order is to do."""
    livekit = tools.livekit
    return RecordingJob(
        egress_id=order.egress_id,
        room_name=order.room_name,
        room_id=order.room_id,
        ws_url=livekit.ws_url,
        api_key=livekit.api_key.get_secret_value(),
        api_secret=livekit.api_secret.get_secret_value(),
        folder=folder.path,
        encoding=order.encoding,
        source=order.source,
        outputs=order.outputs,
        layout=order.layout,
        overlay=tools.overlay,
        has_audio=order.has_audio,
        has_video=order.has_video,
        max_duration_ms=tools.max_duration_ms,
        max_bytes=tools.max_bytes,
        about=order.about,
    )
