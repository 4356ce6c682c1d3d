"""`livekit.EgressInfo` → `EgressSnapshot`."""

from collections.abc import Mapping

from livekit.protocol.egress import EgressInfo
from livekit.protocol.egress import EgressStatus as Wire

from rtcstack.domain.egress import EgressSnapshot, EgressStatus

_STATUS: Mapping[int, EgressStatus] = {
    Wire.EGRESS_STARTING: EgressStatus.STARTING,
    Wire.EGRESS_ACTIVE: EgressStatus.ACTIVE,
    Wire.EGRESS_ENDING: EgressStatus.ENDING,
    Wire.EGRESS_COMPLETE: EgressStatus.COMPLETE,
    Wire.EGRESS_FAILED: EgressStatus.FAILED,
    Wire.EGRESS_ABORTED: EgressStatus.ABORTED,
    Wire.EGRESS_LIMIT_REACHED: EgressStatus.LIMIT_REACHED,
}
_NS_PER_MS = 1_000_000


def _requested_path(info: EgressInfo) -> str:
    """Return the path that the request, of whatever kind, names for its file."""
    request = getattr(info, info.WhichOneof("request") or "room_composite")
    if outputs := getattr(request, "file_outputs", None):
        return str(outputs[0].filepath)
    file = getattr(request, "file", None)
    return str(file.filepath) if file else ""


def _ms(ns: int) -> int | None:
    return ns // _NS_PER_MS or None


def snapshot(info: EgressInfo) -> EgressSnapshot:
    file = info.file_results[0] if info.file_results else info.file
    return EgressSnapshot(
        egress_id=info.egress_id,
        room_name=info.room_name,
        status=_STATUS.get(info.status, EgressStatus.FAILED),
        updated_at_ns=info.updated_at,
        filepath=_requested_path(info) or file.filename,
        file_name=file.filename,
        location=file.location,
        started_at_ms=_ms(file.started_at or info.started_at),
        ended_at_ms=_ms(file.ended_at or info.ended_at),
        duration_ms=_ms(file.duration),
        size_bytes=file.size or None,
        error=info.error,
        details=info.details,
    )
