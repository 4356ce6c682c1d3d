"""The EgressInfo of one egress: what LiveKit stores, lists and puts into its webhooks. It only moves forward."""

from typing import Any, Final

from livekit.protocol.egress import EgressInfo, EgressSourceType, EgressStatus, FileInfo

from rtcstack.egress.dispatcher.journal import Stored
from rtcstack.egress.dispatcher.redact import redact
from rtcstack.egress.spool import Order

BY_API: Final = "StopEgress API"
BY_WORKER: Final = "Worker stopped"
BY_ROOM: Final = "Source closed"
BY_DEATH: Final = "Process killed"
BY_FAILURE: Final = "Failure"
"""Why an egress ended; LiveKit's own words (`livekit/livekit_egress.go`) where it has any."""

ENDED: Final = frozenset(
    {
        EgressStatus.EGRESS_COMPLETE,
        EgressStatus.EGRESS_FAILED,
        EgressStatus.EGRESS_ABORTED,
        EgressStatus.EGRESS_LIMIT_REACHED,
    }
)

_FORMS_WITH_FILE: Final = ("room_composite", "track_composite", "track")
"""Those whose single output may stand in the older field `file`."""


def starting(request: Any, order: Order) -> EgressInfo:
    """Return the info of an egress that was just accepted: the request in it is redacted."""
    info = EgressInfo(
        egress_id=order.egress_id,
        room_id=order.room_id,
        room_name=order.room_name,
        source_type=EgressSourceType.EGRESS_SOURCE_TYPE_SDK,
        status=EgressStatus.EGRESS_STARTING,
        updated_at=order.created_ns,
        file_results=[FileInfo(filename=order.object_key)],
    )
    form = request.WhichOneof("request")
    getattr(info, form).CopyFrom(getattr(request, form))
    redact(info)
    return info


def active(info: EgressInfo, started_ns: int, now_ns: int) -> None:
    """Record the first frame; an egress that is ending already stays so."""
    info.started_at = info.file_results[0].started_at = started_ns
    if info.status == EgressStatus.EGRESS_STARTING:
        info.status = EgressStatus.EGRESS_ACTIVE
    _touch(info, now_ns)


def ending(info: EgressInfo, reason: str, now_ns: int) -> None:
    info.status = EgressStatus.EGRESS_ENDING
    info.details = f"End reason: {reason}"
    _touch(info, now_ns)


def complete(info: EgressInfo, stored: Stored, now_ns: int) -> None:
    info.status = EgressStatus.EGRESS_COMPLETE
    file = info.file_results[0]
    file.size, file.duration, file.location = (
        stored.size_bytes,
        stored.duration_ms * 1_000_000,
        stored.location,
    )
    file.started_at = file.started_at or stored.started_ns
    info.started_at = info.started_at or file.started_at
    file.ended_at = stored.ended_ns or file.started_at + file.duration
    _end(info, now_ns)


def failed(info: EgressInfo, error: str, code: int, now_ns: int) -> None:
    """`code` is an HTTP status, as LiveKit's Egress uses them."""
    info.status = EgressStatus.EGRESS_FAILED
    info.error, info.error_code = error, code
    _end(info, now_ns)


def aborted(info: EgressInfo, error: str, now_ns: int) -> None:
    """It ended before there was anything to keep."""
    info.status = EgressStatus.EGRESS_ABORTED
    info.error, info.error_code = error, 412
    del info.file_results[:]
    _end(info, now_ns)


def add_detail(info: EgressInfo, text: str) -> None:
    """Append a sentence to `details`, once."""
    if text not in info.details:
        info.details = f"{info.details}; {text}" if info.details else text


def _end(info: EgressInfo, now_ns: int) -> None:
    info.ended_at = now_ns
    form = info.WhichOneof("request")
    if form in _FORMS_WITH_FILE and getattr(info, form).HasField("file") and info.file_results:
        info.file.CopyFrom(info.file_results[0])  # who asked in the old form reads the answer in the old form
    _touch(info, now_ns)


def _touch(info: EgressInfo, now_ns: int) -> None:
    info.updated_at = max(now_ns, info.updated_at + 1)
