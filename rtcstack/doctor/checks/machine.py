"""Cores and memory, by the same rule that admits recordings (docs/operations/capacity.md)."""

from collections.abc import Iterator
from dataclasses import dataclass

from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene
from rtcstack.egress.dispatcher.capacity import judge
from rtcstack.egress.dispatcher.host import Host, measure
from rtcstack.errors import RtcError
from rtcstack.plural import counted
from rtcstack.ports.fleet import FleetCapacity

_FEW = 2
_PAGE = "docs/operations/capacity.md"
_MB = 1_000_000


@dataclass(frozen=True)
class Machine:
    """`host` is this machine or container; `fleet` what the workers say of theirs, None when they cannot be asked."""

    host: Host
    fleet: FleetCapacity | None = None


async def look(scene: Scene) -> Machine:
    fleet = None
    if scene.is_up:
        try:
            fleet = await scene.outside.capacity()
        except RtcError:  # `parts` tells of it
            fleet = None
    return Machine(measure(), fleet)


def size(scene: Scene, machine: Machine) -> Iterator[Verdict]:
    """Judge what fits while nothing is recorded. In containers of their own the workers have other limits than this one."""
    if scene.is_apart:
        return
    host = machine.host
    fits = judge(host, [])
    seen = f"{host.cores:g} cores, {host.memory_bytes // _MB} MB of memory to be had: {_recordings(fits.more)} at a time when it is idle"
    if fits.more >= _FEW:
        yield fine(seen)
        return
    say = doubtful if fits.more else wrong
    yield say(
        seen,
        cause=fits.reason or "a recording takes about 0.4 core and 150 MB; limits of the control group count",
        cure="Give the machine, or the container (cpu.max, memory.max), more; two cores and 2 GB are a good beginning.",
        page=_PAGE,
    )


def workers(_: Scene, machine: Machine) -> Iterator[Verdict]:
    fleet = machine.fleet
    if fleet is None:
        return
    for worker in fleet.workers:
        if not worker.can_record:
            yield wrong(
                f"an Egress worker takes no more recordings: {worker.reason}",
                cause=f"it runs {worker.running}, which need {worker.cores_needed:g} of {worker.cores:g} cores",
                cure="Wait until some have ended, start a worker on another machine, or give this one more.",
                page=_PAGE,
            )
    if fleet.workers and all(worker.can_record for worker in fleet.workers):
        more = sum(worker.more for worker in fleet.workers)
        yield fine(f"{_workers(len(fleet.workers))} can take {_recordings(more, 'more ')} now")
    elif fleet.others and not fleet.workers:
        yield fine(f"{_workers(fleet.others)} of another make: what they can take is not known")


def _workers(n: int) -> str:
    return counted(n, "Egress worker")


def _recordings(n: int, kind: str = "") -> str:
    return counted(n, f"{kind}recording")


FAMILY = Family("machine", look, {"size": size, "workers": workers})
