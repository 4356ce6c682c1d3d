"""Who may use the dashboard: passwords, and how long a sign-in lasts.

Passwords are kept as scrypt hashes (RFC 7914) in the text form `scrypt$N$r$p$salt$hash`, so that later ones may cost more.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from rtcstack.errors import Invalid

FIRST_USER = "admin"
MIN_PASSWORD_CHARS = 12
MAX_PASSWORD_CHARS = 256
IDLE_MS = 12 * 3600 * 1000
"""A session that was not used for so long is over."""
LONGEST_MS = 7 * 24 * 3600 * 1000
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}\Z")
_N, _R, _P = 2**15, 8, 3
_MOST_BYTES = 64 * 1024 * 1024
_SALT_BYTES, _HASH_BYTES = 16, 32
_READABLE = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without characters that are taken for one another."""


@dataclass(frozen=True)
class AdminUser:
    id: str
    name: str
    password_hash: str = field(repr=False)
    created_at_ms: int
    updated_at_ms: int


@dataclass(frozen=True)
class Session:
    """`tenant_id` is whose objects are looked at."""

    token_hash: str
    user_id: str
    user_name: str
    tenant_id: str
    created_at_ms: int
    seen_at_ms: int

    def is_over(self, now_ms: int) -> bool:
        return now_ms >= self.seen_at_ms + IDLE_MS or now_ms >= self.created_at_ms + LONGEST_MS


def check_name(name: str) -> str:
    """Raises `Invalid`."""
    if not _NAME.match(name):
        raise Invalid(
            "A user's name has 1 to 64 lower-case letters, digits and . _ @ + -, and starts with a letter or digit.",
            field="name",
        )
    return name


def check_password(password: str) -> str:
    """Raises `Invalid`."""
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise Invalid(
            f"A password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters.", field="password"
        )
    return password


def new_password() -> str:
    """Return a random password of 100 bits, in groups that can be read out."""
    chars = "".join(secrets.choice(_READABLE) for _ in range(20))
    return "-".join(chars[at : at + 5] for at in range(0, len(chars), 5))


def hash_password(password: str) -> str:
    """Return the text to store. It takes about a quarter of a second and 32 MiB: call it in a thread."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(_scrypt(password, salt, _N, _R, _P))}"


def is_password(password: str, stored: str) -> bool:
    """Say whether it is the one that was hashed; as costly as `hash_password`."""
    _, n, r, p, salt, expected = stored.split("$")
    made = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(made, base64.b64decode(expected))


def new_token() -> str:
    """Return what a browser keeps of a session."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what the database keeps: with 256 bits of entropy a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """Return what the pages of a session carry in their forms. The session's token cannot be told from it."""
    return hmac.digest(token.encode(), b"rtcstack csrf", hashlib.sha256).hex()


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MOST_BYTES, dklen=_HASH_BYTES)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
