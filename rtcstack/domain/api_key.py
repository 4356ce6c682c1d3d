"""API keys: `rtc_live_<id>_<secret><checksum>`.

Eight characters name the row, 43 base62 characters carry 256 bits, six more are a CRC-32 of all before them, so that a
mistyped key is known without a look-up and secret scanners can tell a real one. Only a SHA-256 of the secret is
stored: with 256 bits of entropy a slow hash would add nothing.
"""

import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from rtcstack.errors import Invalid, Unauthenticated

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_CHARS, _SECRET_CHARS, _CHECK_CHARS = 8, 43, 6
MAX_NAME_CHARS = 64
_KEY = re.compile(r"rtc_live_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})\Z")


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    METRICS = "metrics"
    """Reads the figures of the whole appliance, and nothing else."""


_ORDER = (Scope.READ, Scope.WRITE, Scope.ADMIN)


@dataclass(frozen=True)
class ApiKey:
    id: str
    tenant_id: str
    scope: Scope
    created_at_ms: int
    is_operator: bool = False
    revoked_at_ms: int | None = None
    name: str = ""
    """What people call it; not every key has one."""


@dataclass(frozen=True)
class Principal:
    """Who is asking."""

    tenant_id: str
    key_id: str
    scope: Scope
    is_operator: bool = False

    def may(self, scope: Scope) -> bool:
        """Whether a call that needs this scope is allowed. `metrics` stands apart: no other scope has it, and it has no other."""
        if Scope.METRICS in {self.scope, scope}:
            return self.scope is scope
        return _ORDER.index(self.scope) >= _ORDER.index(scope)


def check_name(name: str) -> str:
    """Return the name without the blanks around it; a key need not have one. Raises `Invalid`."""
    text = name.strip()
    if len(text) > MAX_NAME_CHARS or not text.isprintable():
        raise Invalid(f"A key's name has at most {MAX_NAME_CHARS} characters, in one line.", field="name")
    return text


def _random(chars: int) -> str:
    return "".join(secrets.choice(_BASE62) for _ in range(chars))


def _checksum(text: str) -> str:
    value, out = binascii.crc32(text.encode()), ""
    for _ in range(_CHECK_CHARS):
        value, digit = divmod(value, len(_BASE62))
        out = _BASE62[digit] + out
    return out


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key() -> tuple[str, str, str]:
    """Return (id, the whole key to show once, the hash to store)."""
    key_id, secret = _random(_ID_CHARS), _random(_SECRET_CHARS)
    text = f"rtc_live_{key_id}_{secret}"
    return key_id, text + _checksum(text), hash_secret(secret)


def parse_key(text: str) -> tuple[str, str]:
    """Return (id, hash of the secret).

    Raises:
        Unauthenticated: it is no key of ours, or a character is wrong.
    """
    match = _KEY.match(text)
    if not match or not hmac.compare_digest(_checksum(text[:-_CHECK_CHARS]), match[3]):
        raise Unauthenticated(
            "This is not an API key of this server, or it was copied incompletely.", code="invalid_key"
        )
    return match[1], hash_secret(match[2])
