"""One POST to a customer's endpoint: no redirects, bounded in time and in what is read of the answer."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

import aiohttp
from yarl import URL

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused
from rtcstack.adapters.http.guarded_resolver import GuardedResolver, guarded_sockets
from rtcstack.adapters.http.look_ups import LookUp, LookUps, NotLookedUp, system_look_up
from rtcstack.domain.delivery import Attempt
from rtcstack.domain.webhook import check_url_text
from rtcstack.errors import Invalid

_RESPONSE_BYTES = 2048
_RESPONSE_S = 2.0
"""So long the text of an answer may take once its status is known."""
_CHECK_LOOK_UP_S = 3.0
_MOST_LOOK_UPS = 512
"""For deliveries: as many as may be under way."""
_MOST_CHECKS = 16
"""For addresses that somebody is registering: a caller who tries many names that hang holds up no delivery."""
_KEEPALIVE_S = 2.0
"""Many servers hang up after five idle seconds: a POST that meets this moment would count as failed."""
_ANY_PORT = 0


class HttpSender:
    """`ports/sender.py` over aiohttp. `look_up` is how names are looked up."""

    def __init__(self, guard: AddressGuard, timeout_s: float, look_up: LookUp = system_look_up) -> None:
        self._guard = guard
        self._resolver = GuardedResolver(guard, LookUps(look_up, most=_MOST_LOOK_UPS))
        checks = LookUps(look_up, most=_MOST_CHECKS, limit_s=_CHECK_LOOK_UP_S)
        self._check_resolver = GuardedResolver(guard, checks)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=guarded_sockets(self._guard),
            limit=0,  # whoever sends bounds what is under way, endpoint by endpoint
            keepalive_timeout=_KEEPALIVE_S,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a small answer may be a huge one, packed
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def check_url(self, url: str) -> None:
        """A name that leads nowhere yet is fine: whether it may be connected to is looked at again with each delivery."""
        check_url_text(url)
        try:
            host = URL(url).raw_host or ""
            self._check_literal(host)
            await self._check_name(host)
        except ValueError as e:
            raise _invalid(f"This is not a URL: {e}") from e
        except AddressRefused as e:
            raise _invalid(f"{e} Allow it with RTCSTACK_WEBHOOKS__ALLOW_NETWORKS.") from e

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        assert self._session is not None
        begun = time.monotonic()
        try:
            self._check_literal(URL(url).raw_host or "")
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                text = await _beginning(response)
                return Attempt(response.status, text, None, _since(begun), _retry_after_s(response.headers))
        except TimeoutError:
            return Attempt(None, "", f"no answer within {self._timeout.total:g} s", _since(begun))
        except (aiohttp.ClientError, OSError, ValueError) as e:
            return Attempt(None, "", _why(e), _since(begun))

    def _check_literal(self, host: str) -> None:
        """Refuse IP literals that the guard refuses: the resolver never sees those."""
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            return
        self._guard.check(host)

    async def _check_name(self, host: str) -> None:
        try:
            await self._check_resolver.resolve(host, _ANY_PORT)
        except AddressRefused:
            raise
        except (OSError, UnicodeError):
            return


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """Return the first 2 KiB as text; what comes too slowly, or breaks off, is left out: the status says it all."""
    read = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(_RESPONSE_S):
            while len(read) < _RESPONSE_BYTES and (
                piece := await response.content.read(_RESPONSE_BYTES - len(read))
            ):
                read += piece
    return read.decode("utf-8", "replace").replace("\0", "")


def _why(error: Exception) -> str:
    """Say what failed, in at most 500 characters."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, AddressRefused | NotLookedUp
    ):
        error = error.os_error
    return f"{type(error).__name__}: {error}"[:500]


def _invalid(message: str) -> Invalid:
    return Invalid(message, code="invalid_webhook_url", field="url")


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read either form of RFC 9110, section 10.2.3: seconds, or a date in one of the three forms of section 5.6.7."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    with suppress(ValueError, OverflowError):
        at = parsedate_to_datetime(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)  # the form of asctime() names no zone, and is in UTC
        return at.timestamp() - time.time()
    return None
