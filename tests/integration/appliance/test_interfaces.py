"""Asked in a network of its own, where the interfaces are known."""

import subprocess
import sys

import pytest

_ASK = "from rtcstack.appliance.interfaces import has_usable; print(has_usable())"
_CARD = "ip link add eth0 type veth peer name cable"


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("ip link set lo up", "False"),
        (_CARD, "False"),
        (f"{_CARD} && ip address add 192.0.2.1/24 dev eth0 && ip link set eth0 up", "True"),
        (f"{_CARD} && ip address add 2001:db8::1/64 dev eth0 && ip link set eth0 up", "False"),
    ],
)
def test_lo_is_not_enough(commands: str, expected: str) -> None:
    shell = ["unshare", "--net", "--map-root-user", "sh", "-c", f'{commands} && "$0" -c "$1"']
    ran = subprocess.run(
        [*shell, sys.executable, _ASK], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, expected), ran.stderr
