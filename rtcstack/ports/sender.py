"""Outbound HTTP to customers."""

from collections.abc import Mapping
from typing import Protocol

from rtcstack.domain.delivery import Attempt


class WebhookSender(Protocol):
    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        """Post once: no redirects, bounded time, bounded answer. Whatever happens is in the `Attempt`."""
        ...

    async def check_url(self, url: str) -> None:
        """Raises `Invalid` if `url` is not one that we deliver to: scheme, host, address."""
        ...
