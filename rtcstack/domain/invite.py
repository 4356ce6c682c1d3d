"""Links into a room: whoever has one may join until it expires, under a name of their own.

A link names tenant, room, role and expiry and is signed with a key that is derived from LiveKit's secret. It is no join
token: LiveKit takes none that lives for days from somebody whose name is not known yet.
"""

import hashlib
import hmac
import json
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from rtcstack.domain.room import DEFAULT_TENANT, Role
from rtcstack.errors import Invalid, LinkExpired, LinkInvalid

DEFAULT_TTL_S = 7 * 24 * 3600
MAX_TTL_S = 30 * 24 * 3600
MAX_GUEST_CHARS = 60
_PURPOSE = b"rtcstack join link 1"
_MARK = "~"
"""No room's id begins with it, and browsers write it as it is."""
_MAC_BYTES = 16
_LINK = re.compile(r"~([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{22})\Z")
_NEVER_SHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS_TEXT = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Bidirectional controls: with them a name could rewrite what stands beside it."""


@dataclass(frozen=True)
class Invite:
    """`is_open` for a bare room name: it was signed by nobody, and never expires."""

    tenant_id: str
    room_id: str
    role: Role
    expires_at_s: int
    is_open: bool = False


def link_key(secret: str) -> bytes:
    """Derive the key of links from LiveKit's secret: neither can be used in the other's place."""
    return hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)


def sign(invite: Invite, key: bytes) -> str:
    """Return what stands behind `/join/`: letters, digits and `~ . - _` only."""
    facts = [invite.tenant_id, invite.room_id, invite.role, invite.expires_at_s]
    body = _text(json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode())
    return f"{_MARK}{body}.{_mac(body, key)}"


def read(link: str, key: bytes, now_ms: int) -> Invite:
    """Return what a link says. One without the mark is the bare name of a room of the first tenant.

    Raises:
        LinkInvalid: it was not signed with this key, or is not whole.
        LinkExpired
    """
    invite = read_any(link, key)
    if not invite.is_open and now_ms >= invite.expires_at_s * 1000:
        raise LinkExpired("This link has expired. Ask whoever sent it for a new one.")
    return invite


def read_any(link: str, key: bytes) -> Invite:
    """Return what a link says, also one that has expired. Raises `LinkInvalid`."""
    if not link.startswith(_MARK):
        return Invite(DEFAULT_TENANT, link, "participant", 0, is_open=True)
    return Invite(*json.loads(_checked(link, key)))


def _checked(link: str, key: bytes) -> bytes:
    """Return the signed part. Raises `LinkInvalid`."""
    found = _LINK.match(link)
    if found is None or not hmac.compare_digest(found[2], _mac(found[1], key)):
        raise LinkInvalid("This link is not whole. Open it exactly as it was sent, or ask for a new one.")
    return urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))


def _mac(body: str, key: bytes) -> str:
    return _text(hmac.digest(key, body.encode(), hashlib.sha256)[:_MAC_BYTES])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def check_guest_name(name: str) -> str:
    """Return the name by which somebody is seen, in one line. Raises `Invalid`."""
    line = " ".join(name.split())
    is_seen = all(
        unicodedata.category(char) not in _NEVER_SHOWN and unicodedata.bidirectional(char) not in _TURNS_TEXT
        for char in line
    )
    if not line or len(line) > MAX_GUEST_CHARS or not is_seen:
        raise Invalid(f"A name has 1 to {MAX_GUEST_CHARS} characters, in one line.", field="name")
    return line
