"""Stylesheet and scripts of the page, in memory, once as they are and once compressed.

Their address has a fingerprint of all of them in it: browsers keep them for ever, and a new version is asked for anew.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from rtcstack.errors import NotFound

_FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
CLIENT = "vendor/livekit-client.js"


@dataclass(frozen=True)
class _File:
    content: bytes
    packed: bytes


@cache
def _files() -> MappingProxyType[str, _File]:
    found = (file for file in sorted(_FOLDER.rglob("*")) if file.is_file() and not file.name.startswith("."))
    contents = {file.relative_to(_FOLDER).as_posix(): file.read_bytes() for file in found}
    return MappingProxyType({name: _File(c, gzip.compress(c, mtime=0)) for name, c in contents.items()})


@cache
def _version() -> str:
    whole = hashlib.sha256()
    for name, file in _files().items():
        whole.update(name.encode() + b"\0" + file.content)
    return whole.hexdigest()[:12]


def address(name: str) -> str:
    """Return where browsers get the file."""
    return f"/join/-/{_version()}/{name}"


def has(name: str) -> bool:
    """Whether it is there: what comes from npm is put there by `scripts/web`."""
    return name in _files()


@get("/join/-/{version:str}/{name:path}")
async def join_file(
    request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Return the file, compressed for whoever takes it so. No room's id begins with `-`. Raises `NotFound`."""
    file = _files().get(str(name).lstrip("/"))
    if file is None:
        raise NotFound("There is no such file.")
    headers = {
        "cache-control": _FOR_EVER if version == _version() else "no-cache",
        "vary": "accept-encoding",
    }
    kind = guess_type(str(name))[0] or MediaType.TEXT
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.content, media_type=kind, headers=headers)
    return Response(file.packed, media_type=kind, headers={**headers, "content-encoding": "gzip"})
