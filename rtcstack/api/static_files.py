"""Stylesheets, scripts and pictures of pages, in memory: a few files, the same for everybody.

Their address has a fingerprint of all of them in it: browsers keep them for ever, and a new version is asked for anew.
They are compressed once. Pages are not: they have a secret on them beside what an address asked for, and lengths tell
(BREACH, https://breachattack.com).
"""

import gzip
import hashlib
from functools import cached_property
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response

from rtcstack.errors import NotFound

_FOR_EVER: Final = "public, max-age=31536000, immutable"


class StaticFiles:
    """Of one folder and all below it; `prefix` is the path that their addresses begin with."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix
        self._packed: dict[str, bytes] = {}

    @cached_property
    def _files(self) -> dict[str, bytes]:
        found = (f for f in sorted(self._folder.rglob("*")) if f.is_file() and not f.name.startswith("."))
        return {file.relative_to(self._folder).as_posix(): file.read_bytes() for file in found}

    @cached_property
    def _version(self) -> str:
        whole = hashlib.sha256()
        for name, content in self._files.items():
            whole.update(name.encode() + b"\0" + content)
        return whole.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where browsers get the file."""
        return f"{self._prefix}/{self._version}/{name}"

    def has(self, name: str) -> bool:
        """Whether it is there: what comes from npm is put there by `scripts/web`."""
        return name in self._files

    def answer(self, request: Request[Any, Any, Any], version: str, name: str) -> Response[bytes]:
        """Return the file, compressed for whoever takes it so. Raises `NotFound`."""
        wanted = name.lstrip("/")
        if not self.has(wanted):
            raise NotFound("There is no such file.")
        kind = guess_type(wanted)[0] or MediaType.TEXT
        caching = _FOR_EVER if version == self._version else "no-cache"
        headers = {"cache-control": caching, "vary": "accept-encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self._files[wanted], media_type=kind, headers=headers)
        return Response(
            self._compressed(wanted), media_type=kind, headers={**headers, "content-encoding": "gzip"}
        )

    def _compressed(self, name: str) -> bytes:
        if name not in self._packed:
            self._packed[name] = gzip.compress(self._files[name], mtime=0)
        return self._packed[name]
