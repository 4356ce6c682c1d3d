"""How often somebody may call: by the address that a call comes from, by the key that it has, by wrong keys and by wrong links."""

import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from rtcstack.domain.token_bucket import TokenBuckets
from rtcstack.errors import RateLimited
from rtcstack.settings.guarding import Limits

_SITE_BITS = 64
"""Of an IPv6 address: whoever has one has all of the rest."""


class CallLimits:
    """In memory, of this process. `is_on` is false while only this machine can call and nothing else was set.

    `is_loopback`: the API listens on loopback, and no proxy hands calls on to it.
    """

    def __init__(
        self, settings: Limits, *, is_loopback: bool, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.is_on = not is_loopback if settings.enabled is None else settings.enabled
        self._trusted = settings.trusted_proxies
        self._addresses = TokenBuckets(settings.address_per_s, settings.address_burst, now_s)
        self._keys = TokenBuckets(settings.key_per_s, settings.key_burst, now_s)
        self._wrong = TokenBuckets(settings.wrong_key_per_s, settings.wrong_key_burst, now_s)
        self._wrong_links = TokenBuckets(settings.wrong_key_per_s, settings.wrong_key_burst, now_s)
        self._is_trusted = lru_cache(maxsize=1024)(self._looked_up)

    def take_address(self, address: str, *, has_key: bool) -> float:
        """Count a call; return 0, or the seconds to wait. With too many wrong keys none is looked at, not even a good one."""
        site = _site(address)
        if has_key and (wait_s := self._wrong.wait_s(site)):
            return wait_s
        return self._addresses.take(site)

    def count_wrong_key(self, address: str) -> None:
        self._wrong.take(_site(address))

    def take_sign_in(self, address: str) -> None:
        """Count a password as wrong before it is looked at: many that come at once are not more tries than many in a row.

        Raises `RateLimited` when too many wrong keys or passwords came from there, also on loopback.
        """
        if wait_s := self._wrong.take(_site(address)):
            raise RateLimited("Too many wrong passwords came from this address.", retry_after_s=wait_s)

    def give_sign_in_back(self, address: str) -> None:
        """The password was right, or was not looked at."""
        self._wrong.give_back(_site(address))

    def check_link(self, address: str) -> None:
        """Raises `RateLimited` when too many wrong links to rooms came from there."""
        if self.is_on and (wait_s := self._wrong_links.wait_s(_site(address))):
            raise RateLimited("Too many wrong links came from this address.", retry_after_s=wait_s)

    def count_wrong_link(self, address: str) -> None:
        """Links count by themselves: any page elsewhere can have a browser open wrong ones, and no key must suffer from that."""
        self._wrong_links.take(_site(address))

    def take_key(self, key_id: str) -> None:
        """Count a call with a key that is known to be good. Raises `RateLimited`."""
        if self.is_on and (wait_s := self._keys.take(key_id)):
            raise RateLimited("This key makes too many calls.", retry_after_s=wait_s)

    def address_of(self, peer: str, forwarded: str | None) -> str:
        """Return who calls: the peer, or whom a trusted proxy names: the last one in `X-Forwarded-For` that is none itself.

        What stands before that one was sent by the caller and may say anything.
        """
        if forwarded is None or not self._trusted:
            return peer
        address = peer
        for named in reversed(forwarded.split(",")):
            if not self._is_trusted(address) or not _is_address(named.strip()):
                break
            address = named.strip()
        return address

    def _looked_up(self, address: str) -> bool:
        try:
            found = _plain(address)
        except ValueError:
            return False
        return any(found in network for network in self._trusted)


def _plain(address: str) -> object:
    """Return the address; an IPv4 one in IPv6's clothes as itself."""
    found = ip_address(address)
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _site(address: str) -> str:
    try:
        found = _plain(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(int(found) >> _SITE_BITS)
    return str(found)
