"""Say at start which buckets of tenants lie at addresses that are not connected to (any more)."""

from collections.abc import Callable
from ipaddress import ip_address

from rtcstack import log
from rtcstack.domain.own_bucket import host_of
from rtcstack.ports.database import Reader
from rtcstack.repositories import storages

_log = log.get(__name__)


async def warn_of_unreachable(reader: Reader, allows: Callable[[str], bool]) -> None:
    """Log one warning for each bucket whose endpoint is an address that `allows` refuses; names are not looked up."""
    for bucket in await storages.list_in_use(reader):
        address = _address(host_of(bucket.endpoint))
        if address is not None and not allows(address):
            _log.warning(
                "a tenant's bucket lies at an address that this server does not connect to: recordings fail there, and "
                "older ones are not reached. Add its network to RTCSTACK_STORAGE__ALLOW_NETWORKS, or have the tenant "
                "set another bucket.",
                tenant=bucket.tenant_id,
                endpoint=bucket.endpoint,
                bucket=bucket.bucket,
            )


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return "127.0.0.1" if host == "localhost" else None
