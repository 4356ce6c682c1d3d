"""One POST to a customer's endpoint: no redirects, bounded in time and in what is read of the answer."""

import time
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused
from rtcstack.adapters.http.guarded_resolver import GuardedResolver
from rtcstack.errors import Invalid
from rtcstack.repositories.webhooks import Attempt

_RESPONSE_BYTES = 2048
_MAX_URL_CHARS = 2048


class HttpSender:
    """`ports/sender.py` over aiohttp."""

    def __init__(self, guard: AddressGuard, timeout_s: float) -> None:
        self._guard = guard
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(self._guard), limit_per_host=8)
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout, trust_env=False)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def check_url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port_is_valid = parts.port is None or parts.port > 0
        except ValueError as e:
            raise _invalid(f"This is not a URL: {e}") from e
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
            raise _invalid("A webhook URL begins with https:// or http:// and names a host.")
        if len(url) > _MAX_URL_CHARS or parts.username is not None:
            raise _invalid(f"A webhook URL has at most {_MAX_URL_CHARS} characters and no user name in it.")
        try:
            self._check_literal(url)
        except AddressRefused as e:
            raise _invalid(f"{e} Allow it with RTCSTACK_WEBHOOKS__ALLOW_NETWORKS.") from e

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        assert self._session is not None
        begun = time.monotonic()
        try:
            self._check_literal(url)
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                text = (
                    (await response.content.read(_RESPONSE_BYTES))
                    .decode("utf-8", "replace")
                    .replace("\0", "")
                )
                return Attempt(response.status, text, None, _since(begun), _retry_after_s(response.headers))
        except TimeoutError:
            return Attempt(None, "", f"no answer within {self._timeout.total:g} s", _since(begun))
        except (aiohttp.ClientError, OSError, ValueError) as e:
            return Attempt(None, "", f"{type(e).__name__}: {e}", _since(begun))

    def _check_literal(self, url: str) -> None:
        """Refuse IP literals that the guard refuses: the resolver never sees those."""
        host = urlsplit(url).hostname or ""
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            return
        self._guard.check(host)


def _invalid(message: str) -> Invalid:
    return Invalid(message, code="invalid_webhook_url", field="url")


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read the seconds form; the date form is rare and the schedule serves it well enough."""
    value = headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
