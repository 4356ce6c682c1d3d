"""Whether addresses of this very machine may be connected to because a customer says so."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from rtcstack.settings.tree import Settings


def may_reach_loopback(settings: Settings) -> bool:
    """Return whether this is a developer's own machine: the API listens on loopback only, no proxy hands outside calls on to
    it (`api.public_url`), and an Egress worker asks no API elsewhere (`egress.api_url`).
    """
    outside = (settings.api.public_url, settings.egress.api_url)
    return settings.api.is_loopback and all(_is_loopback(url) for url in outside if url)


def is_behind_proxy(settings: Settings) -> bool:
    """Return whether callers reach the API under an address elsewhere: then a call from loopback may be anybody's."""
    url = settings.api.public_url
    return url is not None and not _is_loopback(url)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
