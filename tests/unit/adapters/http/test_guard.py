from ipaddress import ip_network

import pytest

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused
from rtcstack.adapters.http.guarded_resolver import GuardedResolver
from rtcstack.adapters.http.look_ups import LookUps, system_look_up

_PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.88.99.3", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "3fff::1",
    "5f00::1", "100::1", "fec0::1", "feff::1", "::127.0.0.1", "::10.0.0.1", "::2",
]  # fmt: skip


@pytest.mark.parametrize("address", _PRIVATE)
def test_addresses_that_lead_inside_are_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard().check(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "::8.8.8.8"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    AddressGuard().check(address)


def test_the_operator_may_allow_networks_and_loopback() -> None:
    guard = AddressGuard([ip_network("10.1.0.0/16")], allow_loopback=True)
    assert guard.allows("10.1.2.3")
    assert guard.allows("127.0.0.1")
    assert guard.allows("::ffff:127.0.0.1")
    assert guard.allows("::127.0.0.1")
    assert guard.allows("::1")
    assert not guard.allows("::")
    assert not guard.allows("10.2.0.1")


async def test_the_resolver_refuses_a_name_that_leads_inside() -> None:
    resolver = GuardedResolver(AddressGuard(), LookUps(system_look_up, most=1))
    with pytest.raises(AddressRefused, match="localhost"):
        await resolver.resolve("localhost", 80)
    await resolver.close()
