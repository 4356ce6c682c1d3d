"""Stands between an uploader and the real store, and spoils what passes."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp import web
from minio import Minio
from yarl import URL

from rtcstack.egress.dispatcher import store
from rtcstack.egress.dispatcher.store import Store
from rtcstack.settings import Settings

_LARGEST_BODY_BYTES: Final = 32 * 1024 * 1024
_NO_UPLOAD: Final = b"<Error><Code>NoSuchUpload</Code><Message>There is no such upload.</Message></Error>"
_OF_ONE_CONNECTION: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})


class Meddler:
    """`asked` are the methods of what passed; the rest says what is done to it from now on."""

    def __init__(self, url: str, bucket: Minio, http: aiohttp.ClientSession) -> None:
        self._url, self._bucket, self._http = url, bucket, http
        self.asked: list[str] = []
        self.changes_bodies = False
        """Of what is put the last byte arrives as another one."""
        self.overwrites = False
        """Whoever asks what lies under a key finds other bytes, of the same length and with the same metadata."""
        self.renames = False
        """Objects are not called by their MD5."""
        self.says_kms = False
        """The store says that it encrypts with keys of its own."""
        self.fails_to_read = False
        """Whoever asks for an object, or what it is, is told that the store has trouble."""
        self.parts: Counter[int] = Counter()
        """How often each part of an upload was put."""
        self.holds_parts: set[int] = set()
        """The first of each waits until it is `let_go`."""
        self.let_go = asyncio.Event()
        self.loses_uploads = False
        """Whoever completes an upload is told that there is none."""
        self.loses_parts = False
        """Whoever sends a part as well."""
        self.fails_parts: dict[int, int] = {}
        """So often a part is answered that the store has trouble."""

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append(request.method)
        body = await request.read()
        if self.fails_to_read and request.method in {"GET", "HEAD"}:
            return web.Response(
                status=501
            )  # the 5xx that the client takes for a word of the store's, also without a body
        if (number := int(request.query.get("partNumber", 0))) and request.method == "PUT":
            self.parts[number] += 1
            spoilt = await self._spoil_part(number)
            if spoilt is not None:
                return spoilt
        if self.loses_uploads and request.method == "POST" and "uploadId" in request.query:
            return web.Response(status=404, body=_NO_UPLOAD, content_type="application/xml")
        if self.changes_bodies and request.method == "PUT":
            body = body[:-1] + bytes([body[-1] ^ 1])
        if self.overwrites and request.method == "HEAD":
            await asyncio.to_thread(self._overwrite, request.path)
        target = URL(self._url + request.raw_path, encoded=True)
        async with self._http.request(
            request.method,
            target,
            data=io.BytesIO(body) if body else None,
            headers=request.headers,
            allow_redirects=False,
        ) as answer:
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _OF_ONE_CONNECTION}
            return web.Response(
                status=answer.status, body=await answer.read(), headers=self._answered(kept, request)
            )

    async def _spoil_part(self, number: int) -> web.Response | None:
        if number in self.holds_parts and self.parts[number] == 1:
            await self.let_go.wait()
        if self.loses_parts:
            return web.Response(status=404, body=_NO_UPLOAD, content_type="application/xml")
        return web.Response(status=503) if self.parts[number] <= self.fails_parts.get(number, 0) else None

    def _answered(self, headers: dict[str, str], request: web.Request) -> dict[str, str]:
        named = next((name for name in headers if name.lower() == "etag"), None)
        if self.renames and named and "uploadId" not in request.query:  # parts go by their own names
            headers[named] = headers[named][::-1]
        if self.says_kms:
            headers["x-amz-server-side-encryption"] = "aws:kms"
        return headers

    def _overwrite(self, path: str) -> None:
        name, _, key = path.strip("/").partition("/")
        found = self._bucket.stat_object(name, key)
        told = {k: v for k, v in (found.metadata or {}).items() if k.lower().startswith("x-amz-meta-")}
        other = io.BytesIO(b"\0" * (found.size or 0))
        self._bucket.put_object(name, key, other, found.size or 0, metadata=dict(told))


@asynccontextmanager
async def meddling(settings: Settings, bucket: Minio) -> AsyncIterator[tuple[Meddler, Store]]:
    """Yield it, and the shared store as it is seen through it."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(auto_decompress=False, timeout=timeout) as http:
        meddler = Meddler(settings.storage.url, bucket, http)
        app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", meddler.take)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            there = {"host": "127.0.0.1", "port": runner.addresses[0][1]}
            yield meddler, store.configured(settings.storage.model_copy(update=there))
        finally:
            await runner.cleanup()
