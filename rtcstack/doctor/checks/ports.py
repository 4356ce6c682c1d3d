"""The ports: free before a start, listened on by the right part afterwards."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rtcstack.appliance import busy_ports
from rtcstack.appliance.parts import all_ports
from rtcstack.appliance.parts.part import Port
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene

_IPV4 = Path("/proc/sys/net/ipv4")


@dataclass(frozen=True, slots=True)
class Held:
    """A port of ours, and how it is with it now."""

    part: str
    port: Port
    refusal: int | None
    """Why it cannot be had, as an error number; None while it is free."""
    holder: str = ""
    """`pid 4711 (redis-server)`; empty where the system does not tell."""

    @property
    def name(self) -> str:
        return f"{self.port.number}/{self.port.protocol}"


@dataclass(frozen=True)
class Ports:
    held: tuple[Held, ...] = ()
    outgoing: range = range(0)
    """Where the system takes the ports of outgoing connections from."""
    reserved: frozenset[int] = frozenset()
    """Those of them that it leaves out."""


async def look(scene: Scene) -> Ports:
    """In containers of their own the parts cannot disturb each other, and what is published the engine looks after."""
    if scene.is_apart:
        return Ports()
    held = [_held(part, port) for part, ports in all_ports(scene.settings).items() for port in ports]
    return Ports(tuple(held), _outgoing(), _reserved())


def _held(part: str, port: Port) -> Held:
    refusal = busy_ports.refusal(port)
    return Held(part, port, refusal, busy_ports.holder(port) if refusal == errno.EADDRINUSE else "")


def _outgoing() -> range:
    try:
        first, last = (_IPV4 / "ip_local_port_range").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return range(0)
    return range(int(first), int(last) + 1)


def _reserved() -> frozenset[int]:
    try:
        text = (_IPV4 / "ip_local_reserved_ports").read_text(encoding="ascii").strip()
        ends = [[int(end) for end in part.split("-")] for part in text.split(",") if part]
    except (OSError, ValueError):
        return frozenset()
    return frozenset(number for one in ends for number in range(one[0], one[-1] + 1))


def free(scene: Scene, ports: Ports) -> Iterator[Verdict]:
    """Judge before a start: can each be had?"""
    if scene.is_up or not ports.held:
        return
    twice = busy_ports.twice(held.port for held in ports.held)
    for text in twice:
        yield wrong(text, cause="two settings name one port", cure="Give one of them another port.")
    refused = [held for held in ports.held if held.refusal is not None]
    for held in refused:
        yield _refused(scene, held, is_lent=held.port.number in ports.outgoing)
    if not twice and not refused:
        yield fine(f"all {len(ports.held)} ports are free: {', '.join(held.name for held in ports.held)}")


def _refused(scene: Scene, held: Held, *, is_lent: bool) -> Verdict:
    port, place = held.port, scene.settings.origins.place
    if held.refusal == errno.EACCES:
        return wrong(
            f"port {held.name}, which {held.part} asks for, may not be opened by this user",
            cause="ports below 1024 are for root, unless the system says otherwise",
            cure=f"Set {place(port.setting)} to a port from 1024 on, and let a proxy listen below.",
        )
    if held.refusal == errno.EADDRNOTAVAIL:
        host = place(f"{port.setting.rpartition('__')[0]}__HOST")
        return wrong(
            f"{held.part} is to listen on {port.host}, which is no address of this machine",
            cause=f"{host} names another machine, or an interface that is down",
            cure=f"Set {host} to 127.0.0.1, 0.0.0.0, or one of `ip -brief address`.",
        )
    if scene.leftovers:
        cure = f"Stop what an earlier start left over:\n  {scene.command('down')}"
    else:
        cure = f"Stop that process, or set {place(port.setting)} to a free port."
    who = held.holder or "a process that this user may not see (try as root)"
    return wrong(
        f"port {held.name} on {port.host}, which {held.part} asks for, is taken by {who}",
        cause="an outgoing connection was given it, or something listens there"
        if is_lent and not held.holder
        else "something else listens there, perhaps another appliance: the start is refused",
        cure=cure,
    )


def listened(scene: Scene, ports: Ports) -> Iterator[Verdict]:
    """Judge while it runs: a part may be healthy and its port for sound and picture not open."""
    if not scene.is_up or not ports.held:
        return
    missing = [held for held in ports.held if held.refusal is None]
    for held in missing:
        yield wrong(
            f"nobody listens on port {held.name}, although {held.part} should ({held.port.setting})",
            cause=f"{held.part} does not run, or was started with another setting",
            cure=f"Read its log, then start everything again:\n  {scene.log_of(held.part)}\n{scene.restart}",
        )
    if not missing:
        yield fine(f"all {len(ports.held)} ports are listened on: {', '.join(h.name for h in ports.held)}")


def outgoing(_: Scene, ports: Ports) -> Iterator[Verdict]:
    """Judge whether an outgoing connection may be given one of our ports while the appliance is down."""
    lent = [held for held in ports.held if held.port.number in ports.outgoing]
    at_risk = [held for held in lent if held.port.number not in ports.reserved]
    if not at_risk:
        return
    numbers = ",".join(str(n) for n in sorted({held.port.number for held in at_risk} | ports.reserved))
    yield doubtful(
        f"{', '.join(held.name for held in at_risk)} may be taken by an outgoing connection at the next start",
        cause=f"the system takes the ports of those from {ports.outgoing[0]} to {ports.outgoing[-1]}",
        cure="Set other ports, or reserve them, now and for the next boot:\n"
        f"  sudo sysctl -w net.ipv4.ip_local_reserved_ports={numbers}\n"
        f"  echo net.ipv4.ip_local_reserved_ports={numbers} | sudo tee /etc/sysctl.d/61-rtcstack.conf",
    )


FAMILY = Family("ports", look, {"free": free, "listened": listened, "outgoing": outgoing})
