"""Stylesheets, scripts and pictures of the pages, in memory: a few files, the same for everybody.

Their address has a fingerprint of all of them in it: browsers keep them for ever, and a new version is asked for anew.
They are compressed once. Pages are not: they have a secret on them beside what an address asked for, and lengths tell
(BREACH, https://breachattack.com).
"""

import gzip
import hashlib
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from types import MappingProxyType

from litestar import MediaType, Response, get
from litestar.params import FromPath

from rtcstack.dashboard.fields import AnyRequest
from rtcstack.errors import NotFound

_FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
HTMX = "vendor/htmx.min.js"


@cache
def _files() -> MappingProxyType[str, bytes]:
    found = (file for file in sorted(_FOLDER.rglob("*")) if file.is_file() and not file.name.startswith("."))
    return MappingProxyType({file.relative_to(_FOLDER).as_posix(): file.read_bytes() for file in found})


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_files()[name], mtime=0)


@cache
def _version() -> str:
    whole = hashlib.sha256()
    for name, content in _files().items():
        whole.update(name.encode() + b"\0" + content)
    return whole.hexdigest()[:12]


def address(name: str) -> str:
    """Return where browsers get the file."""
    return f"/static/{_version()}/{name}"


def has(name: str) -> bool:
    """Whether it is there: what comes from npm is put there by `scripts/web`."""
    return name in _files()


@get("/static/{version:str}/{name:path}")
async def static_file(request: AnyRequest, version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Raises `NotFound`."""
    wanted = str(name).lstrip("/")
    if not has(wanted):
        raise NotFound("There is no such file.")
    kind = guess_type(wanted)[0] or MediaType.TEXT
    caching = _FOR_EVER if version == _version() else "no-cache"
    headers = {"cache-control": caching, "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_files()[wanted], media_type=kind, headers=headers)
    return Response(_compressed(wanted), media_type=kind, headers={**headers, "content-encoding": "gzip"})
