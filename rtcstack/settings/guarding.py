"""How the API is guarded: who may call how often, and how long it is kept who did what."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field

from rtcstack.settings.section import Section

PerSecond = Annotated[float, Field(gt=0, le=1_000_000)]
Burst = Annotated[int, Field(ge=1, le=1_000_000)]


class Limits(Section):
    """A caller may make `burst` calls at once, and goes on at `per_s`."""

    enabled: bool | None = None
    """Whether calls are limited; unless given, when the API listens on more than loopback."""
    address_per_s: PerSecond = 200
    address_burst: Burst = 1000
    key_per_s: PerSecond = 200
    key_burst: Burst = 1000
    wrong_key_per_s: PerSecond = 0.2
    wrong_key_burst: Burst = 20
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose `X-Forwarded-For` is believed: where the TLS edge is."""


class Audit(Section):
    retention_days: int = Field(default=365, ge=1, le=36_500)
    """How long it is kept who did what."""
