"""The built-in Egress worker."""

from pathlib import Path

from pydantic import Field

from rtcstack.settings.section import Section


class Egress(Section):
    spool: Path | None = None
    """Where recordings are written before they are uploaded; `spool` in the data folder unless given."""
    min_free_bytes: int = Field(default=512 * 1024 * 1024, ge=0)
    """With less than this free in the spool's file system a recording is not begun."""
    linger_s: float = Field(default=0, ge=0)
    """How long a worker that is asked to end lets its recordings run, until somebody else ends them."""
    drain_timeout_s: float = Field(default=120, gt=0)
    """How long it waits, once they are ended, until each is stored and reported."""
    max_recordings: int | None = Field(default=None, ge=1)
    """The most that a worker records at a time; as many as its machine can take unless given."""
    max_duration_s: float | None = Field(default=None, gt=0)
    """The longest a recording may become: then it ends, with a valid file."""
    max_bytes: int | None = Field(default=None, ge=10_000_000)
    """The largest its file may become: it ends before."""
    crf: int = Field(default=23, ge=10, le=40)
    """How good the pictures of recordings are to be, as x264's constant rate factor: lower is better, and larger."""
    resume_within_s: float = Field(default=300, ge=0)
    """How long after its last moment a recording goes on whose worker or machine was killed or lost its power; later it is
    finished as it is."""
    api_url: str | None = None
    """Where the worker asks the API for the keys of a tenant's bucket, if not at the API's host and port."""
    send_keys: bool = False
    """Whether those keys travel with each request: a stock livekit/egress can neither have nor ask for them."""
    logo: Path | None = None
    """A picture file that is laid over recordings of rooms, at the upper left."""
    watermark: str = Field(default="", max_length=80)
    """A line of text at the lower right of recordings of rooms."""
    clock: bool = False
    """Whether recordings of rooms show the date and time (UTC) at the upper right."""
