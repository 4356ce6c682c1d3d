"""The EgressInfo of one egress: what LiveKit stores, lists and puts into its webhooks. It only moves forward."""

from typing import Any, Final

from livekit.protocol.egress import EgressInfo, EgressSourceType, EgressStatus

from rtcstack.domain.loss import SEPARATOR, upload_waits, without_upload_waits
from rtcstack.egress.dispatcher import side_results
from rtcstack.egress.dispatcher.journal import Stored
from rtcstack.egress.dispatcher.redact import redact
from rtcstack.egress.dispatcher.side_files import SideResult
from rtcstack.egress.spool import Order

BY_API: Final = "StopEgress API"
BY_WORKER: Final = "Worker stopped"
BY_ROOM: Final = "Source closed"
BY_DEATH: Final = "Process killed"
BY_FAILURE: Final = "Failure"
BY_LIMIT: Final = "Session limit reached"
"""Why an egress ended; LiveKit's own words (`livekit/livekit_egress.go`) where it has any."""

ENDED: Final = frozenset(
    {
        EgressStatus.EGRESS_COMPLETE,
        EgressStatus.EGRESS_FAILED,
        EgressStatus.EGRESS_ABORTED,
        EgressStatus.EGRESS_LIMIT_REACHED,
    }
)

_WITH_SEGMENTS: Final = ("room_composite", "track_composite")
_OLDER_FORMS: Final = (*_WITH_SEGMENTS, "track")
"""Those whose single output may stand in an older field, `file` or `segments`."""


def word(info: EgressInfo) -> str:
    """Return LiveKit's word for the status."""
    return EgressStatus.Name(info.status).removeprefix("EGRESS_").lower()


def starting(request: Any, order: Order) -> EgressInfo:
    """Return the info of an egress that was just accepted: the request in it is redacted."""
    info = EgressInfo(
        egress_id=order.egress_id,
        room_id=order.room_id,
        room_name=order.room_name,
        source_type=EgressSourceType.EGRESS_SOURCE_TYPE_SDK,
        status=EgressStatus.EGRESS_STARTING,
        updated_at=order.created_ns,
    )
    side_results.announce(info, order)
    form = request.WhichOneof("request")
    getattr(info, form).CopyFrom(getattr(request, form))
    info.DiscardUnknownFields()  # of a newer protocol: nobody knows what is secret among them
    redact(info)
    return info


def active(info: EgressInfo, started_ns: int, now_ns: int) -> None:
    """Record the first frame; an egress that is ending already stays so."""
    info.started_at = started_ns
    for result in _results(info):
        result.started_at = started_ns
    if info.status == EgressStatus.EGRESS_STARTING:
        info.status = EgressStatus.EGRESS_ACTIVE
    _touch(info, now_ns)


def ending(info: EgressInfo, reason: str, now_ns: int) -> None:
    info.status = EgressStatus.EGRESS_ENDING
    info.details = f"End reason: {reason}"
    _touch(info, now_ns)


def complete(info: EgressInfo, order: Order, stored: Stored, beside: SideResult, now_ns: int) -> None:
    info.status = EgressStatus.EGRESS_COMPLETE
    info.started_at = info.started_at or stored.started_ns
    side_results.fill(info, order, beside)
    fill_file(info, stored)
    for result in _results(info):
        result.started_at = result.started_at or stored.started_ns
        result.ended_at = stored.ended_ns or result.started_at + stored.duration_ms * 1_000_000
    _end(info, now_ns)


def fill_file(info: EgressInfo, stored: Stored) -> None:
    for file in info.file_results:
        file.size, file.duration, file.location = (
            stored.size_bytes,
            stored.duration_ms * 1_000_000,
            stored.location,
        )


def limit_reached(info: EgressInfo) -> None:
    """Say of a complete egress that it ended at a limit, as LiveKit's Egress does (`SetLimitReached`)."""
    info.status = EgressStatus.EGRESS_LIMIT_REACHED
    info.error, info.error_code = BY_LIMIT, 413


def waiting(info: EgressInfo, words: str, now_ns: int) -> None:
    """The file cannot be brought to the store for now; `words` are the store's."""
    _forget_waiting(info)
    add_detail(info, upload_waits(words))
    _touch(info, now_ns)


def says_waiting(info: EgressInfo, words: str) -> bool:
    return upload_waits(words) in info.details


def waits_no_more(info: EgressInfo, now_ns: int) -> bool:
    """Take back that the file waits; return whether that had been said."""
    said = info.details
    _forget_waiting(info)
    if info.details == said:
        return False
    _touch(info, now_ns)
    return True


def failed(info: EgressInfo, error: str, code: int, now_ns: int, recorded_until_ns: int = 0) -> None:
    """`code` is an HTTP status, as LiveKit's Egress uses them; what was begun ended then, or now."""
    info.status = EgressStatus.EGRESS_FAILED
    info.error, info.error_code = error, code
    for result in _results(info):
        if result.started_at:
            result.ended_at = max(result.started_at, recorded_until_ns or now_ns)
    _end(info, now_ns)


def aborted(info: EgressInfo, error: str, now_ns: int) -> None:
    """It ended before there was anything to keep."""
    info.status = EgressStatus.EGRESS_ABORTED
    info.error, info.error_code = error, 412
    del info.file_results[:], info.segment_results[:], info.image_results[:]
    _end(info, now_ns)


def add_detail(info: EgressInfo, text: str) -> None:
    """Append what is told to `details`, unless it says all of it already."""
    if not set(text.split(SEPARATOR)) <= set(info.details.split(SEPARATOR)):
        info.details = f"{info.details}{SEPARATOR}{text}" if info.details else text


def _results(info: EgressInfo) -> list[Any]:
    return [*info.file_results, *info.segment_results, *info.image_results]


def _end(info: EgressInfo, now_ns: int) -> None:
    info.ended_at = now_ns
    _forget_waiting(info)
    form = info.WhichOneof("request")
    asked = getattr(info, form) if form in _OLDER_FORMS else None
    # Who asked in the old form reads the answer in the old form.
    if asked is not None and asked.HasField("file") and info.file_results:
        info.file.CopyFrom(info.file_results[0])
    elif asked is not None and form in _WITH_SEGMENTS and asked.HasField("segments") and info.segment_results:
        info.segments.CopyFrom(info.segment_results[0])
    _touch(info, now_ns)


def _forget_waiting(info: EgressInfo) -> None:
    info.details = without_upload_waits(info.details)


def _touch(info: EgressInfo, now_ns: int) -> None:
    info.updated_at = max(now_ns, info.updated_at + 1)
