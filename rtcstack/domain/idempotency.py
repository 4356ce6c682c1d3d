"""Idempotency keys: a caller names a call, so that sending it again does not do it again."""

import hashlib
import re
from dataclasses import dataclass

from rtcstack.errors import Invalid

IN_PROGRESS_MS = 60_000
"""A call without an answer for longer than this has died with its process; another may take it over."""
KEPT_MS = 24 * 3600 * 1000
_KEY = re.compile(r"[\x20-\x7e]{1,255}\Z")
_NOT_KEPT = frozenset({401, 403, 429})
"""Refused before anything was looked at: with another key, or later, the same call may do its work."""
_SERVER_FAULT = 500


@dataclass(frozen=True)
class Call:
    """One tenant's call under one key; the fingerprint tells it from another call."""

    tenant_id: str
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Answer:
    """What was answered. `body` is empty for 204."""

    status_code: int
    body: str

    @property
    def is_kept(self) -> bool:
        return self.status_code < _SERVER_FAULT and self.status_code not in _NOT_KEPT


def check_key(key: str) -> str:
    """Return the key.

    Raises:
        Invalid: it is not 1 to 255 printable ASCII characters.
    """
    if not _KEY.match(key):
        raise Invalid(
            "Idempotency-Key has 1 to 255 printable ASCII characters.",
            code="invalid_idempotency_key",
            field="Idempotency-Key",
        )
    return key


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(f"{method} {path}\0".encode() + hashlib.sha256(body).digest()).hexdigest()
