"""Clips: a piece of a recording, cut in the background (seed document 002). What may be asked for, and its names."""

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from rtcstack.errors import Invalid

ClipMode = Literal["reencode", "smart"]
MAX_LABEL_CHARS = 200
_SLUG_CHARS = 60
_NO_SLUG = "clip"
_TOLERANCE_S = 1.0
"""Surfaces show durations in whole seconds: an end that was read there may lie a little behind the true one."""


class ClipState(StrEnum):
    """Document 002, "Clip lifecycle"."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"


@dataclass(frozen=True)
class Clip:
    id: str
    tenant_id: str
    recording_id: str
    label: str
    start_s: float
    end_s: float
    mode: ClipMode
    state: ClipState
    bucket: str
    object_key: str
    created_at_ms: int
    storage_id: str | None = None
    progress: float = 0.0
    size_bytes: int | None = None
    duration_ms: int | None = None
    error_code: str | None = None
    error: str | None = None
    completed_at_ms: int | None = None
    deleted_at_ms: int | None = None

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at_ms is not None


def check_label(label: str) -> str:
    """Return `label` if a clip may have it: one line of text.

    Raises:
        Invalid: `invalid_label`.
    """
    if not any(map(_is_shown, label)) or len(label) > MAX_LABEL_CHARS or any(map(_is_control, label)):
        raise Invalid(
            f"A label is one line of 1 to {MAX_LABEL_CHARS} characters, one of which can be seen, without control "
            "characters.",
            code="invalid_label",
            field="label",
        )
    return label


def _is_shown(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}


def _is_control(char: str) -> bool:
    """Whether it breaks a line or cannot be shown or stored; a joiner inside an emoji is none of these."""
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def check_range(start_s: float, end_s: float, *, max_s: float) -> None:
    """Raises `Invalid` (`invalid_range`, `clip_too_long`) for what is no range of any recording."""
    if not (math.isfinite(start_s) and math.isfinite(end_s)) or start_s < 0:
        raise _bad_range(
            "start_seconds and end_seconds are numbers of seconds from the beginning.", "start_seconds"
        )
    if end_s <= start_s:
        raise _bad_range("end_seconds must be greater than start_seconds.", "end_seconds")
    if end_s - start_s > max_s:
        raise Invalid(
            f"A clip may last {max_s:g} seconds at most.",
            code="clip_too_long",
            field="end_seconds",
            limit=max_s,
        )


def check_within(start_s: float, end_s: float, length_s: float, what: str, *, ahead_s: float = 0.0) -> None:
    """Raises `Invalid` (`invalid_range`) if the range does not lie within a recording of that length.

    `ahead_s` is how far the end may lie ahead of one that still grows.
    """
    if end_s > length_s + max(_TOLERANCE_S, ahead_s) or (not ahead_s and start_s >= length_s):
        field = "start_seconds" if start_s >= length_s else "end_seconds"
        raise _bad_range(f"{what} {length_s:.3f} seconds long; the clip must lie within that.", field)


def end_within(end_s: float, length_s: float) -> float:
    """Return the end of a clip of a recording of that length: one that lies a little behind it means its end."""
    return min(end_s, length_s) if end_s <= length_s + _TOLERANCE_S else end_s


def _bad_range(message: str, field: str) -> Invalid:
    return Invalid(message, code="invalid_range", field=field)


def label_slug(label: str) -> str:
    """Return the label as a part of an object's key: lower-case ASCII letters, digits and single dashes, never empty."""
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_CHARS].strip("-") or _NO_SLUG


def clip_key(recording_key: str, label: str, clip_id: str) -> str:
    """Return where a clip lies: beside its recording, in the folder `clips`."""
    folder, slash, _ = recording_key.rpartition("/")
    return f"{folder}{slash}clips/{label_slug(label)}-{clip_id}.mp4"
