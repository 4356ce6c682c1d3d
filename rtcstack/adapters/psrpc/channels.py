"""Names of psrpc's Redis channels (`pkg/info/channels.go` of psrpc 0.7.2)."""

import re

_PLAIN = re.compile(r"[^0-9A-Za-z_]")
_TWO_BYTES = 0x10000


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    return f"u+{point:04x}" if point < _TWO_BYTES else f"U+{point:08x}"


def channel(*parts: str) -> str:
    """Join the parts that are not empty with `|`, each with its special characters written as `u+` and hex digits."""
    return "|".join(_PLAIN.sub(_escape, part) for part in parts if part)


def requests(service: str, method: str, topic: str) -> str:
    return channel(service, method, topic, "REQ")


def claim_answers(service: str, method: str, topic: str) -> str:
    return channel(service, method, topic, "RCLAIM")


def claims(service: str, client_id: str) -> str:
    return channel(service, client_id, "CLAIM")


def responses(service: str, client_id: str) -> str:
    return channel(service, client_id, "RES")
