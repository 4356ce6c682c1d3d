"""Every request has an id: in its answer (`x-request-id`), in error bodies, in every log line it causes."""

import re
import secrets
from typing import Any

from litestar import Request

from rtcstack import log

HEADER = b"x-request-id"
_KEY = "request_id"
_LOGGED = {"room_id": "room_id", "hall_id": "room_id", "recording_id": "recording_id", "clip_id": "clip_id"}
_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def ids_in_path(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return what the path is about, under the names that log lines have for it."""
    return {_LOGGED[name]: str(value) for name, value in request.path_params.items() if name in _LOGGED}


def current_request_id() -> str:
    return log.current(_KEY)


def new_request_id() -> str:
    return f"req_{secrets.token_hex(8)}"


def request_id_of(given: bytes | None) -> str:
    """Return the id that the caller gave, if it is one that can stand in logs and headers as it is, or a new one."""
    return given.decode() if given is not None and _SANE.match(given) else new_request_id()
