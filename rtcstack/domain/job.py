"""Durable work on a recording that is done after the answer: a row, claimed with a lease and a fence."""

from dataclasses import dataclass
from enum import StrEnum


class JobKind(StrEnum):
    ARCHIVE = "archive"
    RESTORE = "restore"
    RECOVER = "recover"
    UPLOAD = "upload"
    CLIP = "clip"
    VERIFY = "verify"
    PREVIEWS = "previews"
    MODERATE = "moderate"
    MOVE = "move"
    PURGE = "purge"


@dataclass(frozen=True)
class Job:
    """One claim of a job; `fence` is this claim's, an older one can no longer change the row."""

    id: str
    kind: JobKind
    recording_id: str
    created_at_ms: int
    attempts: int
    fence: int
    subject_id: str = ""
    """What it is about besides the recording: a clip's id."""
