"""A webhook endpoint here that trusts nothing it cannot verify.

Signatures as Standard Webhooks have them: `webhook-signature` holds `v1,` and the base64 of an HMAC-SHA256 over
`{webhook-id}.{webhook-timestamp}.{body}`, the key being the base64 after `whsec_`.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from rtcstack.demo.step import StepFailed

_TOLERANCE_S = 300
_PREFIX = "whsec_"


class SignatureError(Exception):
    """The delivery is not from who holds the secret, or is too old; the message says which check failed."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_s: float) -> None:
    """Accept a delivery signed with `secret` within five minutes of `now_s`.

    Raises:
        SignatureError: for anything else.
    """
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    if missing := [name for name in names if not headers.get(name)]:
        raise SignatureError(f"the header {missing[0]} is missing")
    identity, timestamp, signatures = (headers[name] for name in names)
    if not timestamp.isdecimal() or abs(int(timestamp) - now_s) > _TOLERANCE_S:
        raise SignatureError(f"the timestamp {timestamp} is not within {_TOLERANCE_S} s of now")
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.digest(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256)
    wanted = "v1," + base64.b64encode(digest).decode()
    if not any(hmac.compare_digest(wanted.encode(), given.encode()) for given in signatures.split()):
        raise SignatureError("no signature fits the secret and the body")


def own_address(caller: str | None) -> str:
    """Return the address under which `caller` finds us: that of the interface which leads there. Nothing is sent.

    Raises:
        StepFailed: the caller has no address here.
    """
    if not caller:
        return "127.0.0.1"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((caller, 9))
            return str(probe.getsockname()[0])
    except (OSError, UnicodeError) as e:
        raise StepFailed(
            expected=f"a network that leads to {caller}, which delivers webhooks",
            seen=str(e),
            look="RTCSTACK_DEMO_CALLED_BACK_BY",
        ) from e


class Receiver:
    """`async with Receiver() as receiver` listens at `receiver.url`; deliveries wait in it until they are asked for.

    Until `secret` is set everything is answered 503, so that the sender tries again; a forged delivery is answered
    401 and remembered in `rejected`.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self.secret: str | None = None
        self.rejected: list[str] = []
        self.received: list[dict[str, Any]] = []
        self.url = ""
        self._arrived = asyncio.Event()
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, 0).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.secret is None:
            return web.Response(status=503)
        try:
            verify(self.secret, request.headers, body, time.time())
            event = json.loads(body)
        except (SignatureError, ValueError) as e:
            self.rejected.append(str(e))
            return web.Response(status=401)
        self.received.append(event)
        self._arrived.set()
        return web.Response(status=204)

    async def wait_for(self, timeout_s: float, **fields: Any) -> dict[str, Any]:
        """Return the first event that has these fields; raises TimeoutError when none comes in time."""
        async with asyncio.timeout(timeout_s):
            while True:
                self._arrived.clear()
                for event in self.received:
                    if fields.items() <= event.items():
                        return event
                await self._arrived.wait()
