"""What can go wrong, in the product's own words.

    RtcError
    ├ Invalid           the request itself is wrong: a field, a name, an address
    ├ Unauthenticated   no key, an unknown or revoked one, a forged signature
    ├ Forbidden         a valid key without the scope
    ├ NotFound          no such thing for this tenant
    ├ Conflict          the thing is in a state that does not allow it
    ├ TooLarge          the request's body is over the limit
    ├ Exhausted         a limit of ours is reached: capacity, quota, disk
    ├ Upstream          LiveKit, Redis, the object store or a customer's endpoint failed us
    └ Internal          a promise of our own code is broken

No HTTP status stands here: each surface has its own table (`rtcstack/api/errors.py`). `code` is the stable word
that clients match on; `details` is what helps a person mend it; `retryable` tells workers whether to try again.
"""

from typing import Any, ClassVar


class RtcError(Exception):
    """The root. `message` is written for the person who reads the answer."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.word = code or self.code


class Invalid(RtcError):
    code = "invalid_request"


class Unauthenticated(RtcError):
    code = "unauthenticated"


class Forbidden(RtcError):
    code = "forbidden"


class NotFound(RtcError):
    code = "not_found"


class Conflict(RtcError):
    code = "conflict"


class TooLarge(RtcError):
    code = "body_too_large"


class Exhausted(RtcError):
    code = "exhausted"
    retryable = True


class Upstream(RtcError):
    """Another system did not do what we asked. `part` names it as `rtcstack status` does."""

    code = "upstream_failed"
    retryable = True

    def __init__(self, message: str, *, part: str, code: str | None = None, **details: Any) -> None:
        super().__init__(message, code=code, part=part, **details)
        self.part = part


class Internal(RtcError):
    code = "internal"


class RoomNotFound(NotFound):
    code = "room_not_found"


class RecordingNotFound(NotFound):
    code = "recording_not_found"


class RecordingNotActive(NotFound):
    code = "recording_not_active"


class ClipNotFound(NotFound):
    code = "clip_not_found"


class PreviewsNotFound(NotFound):
    code = "previews_not_found"


class ParticipantNotFound(NotFound):
    code = "participant_not_found"


class TrackNotFound(NotFound):
    code = "track_not_found"


class WebhookNotFound(NotFound):
    code = "webhook_not_found"


class EventNotFound(NotFound):
    code = "event_not_found"


class StorageNotFound(NotFound):
    code = "storage_not_found"


class KeyNotFound(NotFound):
    code = "key_not_found"


class LinkInvalid(NotFound):
    code = "link_invalid"


class LinkExpired(NotFound):
    code = "link_expired"


class RoomExists(Conflict):
    code = "room_exists"


class RoomFull(Conflict):
    code = "room_full"


class UnmuteRefused(Conflict):
    """Nobody's microphone or camera is turned on by others, unless LiveKit is configured so."""

    code = "unmute_refused"


class RecordingAlreadyActive(Conflict):
    code = "recording_already_active"


class IdempotencyInProgress(Conflict):
    code = "idempotency_in_progress"
    retryable = True


class InvalidTransition(Conflict):
    """A recording cannot go from the state it is in to the one asked for."""

    code = "invalid_transition"


class RateLimited(Exhausted):
    """Too many calls. `retry_after_s` says when one may be made again."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class DiskFull(Exhausted):
    code = "disk_full"


class PartUnavailable(Upstream):
    """A part of the appliance does not answer: nobody there, or too late."""

    code = "unavailable"


class EgressSilent(PartUnavailable):
    """Nobody answers for an egress: it has just ended, its worker hangs, or is gone."""


class PartRefused(Upstream):
    """A part answered and refused: a second try will be refused as well."""

    code = "refused"
    retryable = False


class ObjectNotFound(PartRefused):
    """The object store has no object under that key."""

    code = "object_not_found"


class StoreDenied(PartRefused):
    """The key may not do this in the object store."""

    code = "store_denied"


class LeaseLost(Internal):
    """Another process has taken the work over: what this one has not done yet, it must not do."""

    code = "lease_lost"
    retryable = True


class DatabaseDamaged(Internal):
    """SQLite found its file not to be what it wrote."""

    code = "database_damaged"
    retryable = True
    """Nothing is given up for it: what is damaged may be an index alone, and the database be restored."""


class SchemaTooNew(Internal):
    code = "schema_too_new"
