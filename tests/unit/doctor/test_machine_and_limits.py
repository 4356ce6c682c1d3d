"""Too few cores, too little memory, too few open files, small UDP buffers."""

import os
import resource
from dataclasses import replace
from types import MappingProxyType

import pytest

from rtcstack.appliance.state import PartStatus, Snapshot
from rtcstack.doctor.checks import limits, machine
from rtcstack.doctor.checks.limits import Limits
from rtcstack.doctor.checks.machine import Machine
from rtcstack.doctor.finding import Level
from rtcstack.egress.dispatcher.host import Host
from rtcstack.errors import PartUnavailable
from rtcstack.ports.fleet import FleetCapacity, WorkerCapacity
from tests.unit.doctor.conftest import FakeOutside, MakeScene

_FULL = WorkerCapacity(
    6,
    0,
    can_record=False,
    reason="It is full.",
    cores=2,
    cores_needed=2.4,
    cores_other=0,
    memory_bytes=1,
    disk_bytes=1,
)
_IDLE = WorkerCapacity(
    0, 6, can_record=True, reason="", cores=2, cores_needed=0, cores_other=0, memory_bytes=1, disk_bytes=1
)
_RUNNING = Snapshot(1, 1, {}, [PartStatus("api", pid=os.getpid())])


@pytest.mark.parametrize(
    ("host", "level"),
    [
        (Host(2, 4_000_000_000), Level.OK),
        (Host(0.6, 4_000_000_000), Level.WARNING),
        (Host(0.2, 4_000_000_000), Level.ERROR),
        (Host(2, 300_000_000), Level.ERROR),
    ],
    ids=["two cores", "six tenths of a core", "a fifth of a core", "no memory"],
)
def test_what_fits_by_the_rule_that_admits_recordings(
    make_scene: MakeScene, host: Host, level: Level
) -> None:
    [verdict] = machine.size(make_scene(), Machine(host))
    assert verdict.level is level
    assert f"{host.cores:g} cores" in verdict.seen
    assert verdict.seen.endswith(" at a time when it is idle")


async def test_the_workers_are_asked_while_it_runs(make_scene: MakeScene) -> None:
    scene = make_scene(outside=FakeOutside(fleet=FleetCapacity((_FULL, _IDLE))), snapshot=_RUNNING)
    [verdict] = machine.workers(scene, await machine.look(scene))
    assert verdict.level is Level.ERROR
    assert verdict.seen == "an Egress worker takes no more recordings: It is full."
    others = Machine(Host(2, 1), FleetCapacity((), 1))
    assert [v.level for v in machine.workers(scene, others)] == [Level.OK]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((1,), "1 Egress worker can take 1 more recording now"),
        ((3,), "1 Egress worker can take 3 more recordings now"),
        ((1, 3), "2 Egress workers can take 4 more recordings now"),
    ],
)
def test_workers_and_recordings_are_counted(make_scene: MakeScene, more: tuple[int, ...], words: str) -> None:
    fleet = FleetCapacity(tuple(replace(_IDLE, more=n) for n in more))
    assert [v.seen for v in machine.workers(make_scene(), Machine(Host(2, 1), fleet))] == [words]


async def test_without_redis_nothing_is_said_of_the_workers(make_scene: MakeScene) -> None:
    scene = make_scene(
        outside=FakeOutside(fleet=PartUnavailable("Redis cannot be reached.", part="redis")),
        snapshot=_RUNNING,
    )
    assert list(machine.workers(scene, await machine.look(scene))) == []


async def test_open_files_are_those_of_the_running_parts(make_scene: MakeScene) -> None:
    scene = make_scene(snapshot=_RUNNING)
    assert (await limits.look(scene)).files == {"api": resource.getrlimit(resource.RLIMIT_NOFILE)[0]}


@pytest.mark.parametrize(("n", "level"), [(256, Level.ERROR), (1024, Level.WARNING), (65536, Level.OK)])
def test_few_open_files(make_scene: MakeScene, n: int, level: Level) -> None:
    [verdict] = limits.open_files(make_scene(), Limits(MappingProxyType({"livekit": n, "api": 65536})))
    assert verdict.level is level


async def test_udp_buffers_matter_where_others_call(make_scene: MakeScene) -> None:
    granted = (await limits.look(make_scene())).udp_bytes
    assert granted is not None
    assert granted > 0
    small = Limits(udp_bytes=425_984)
    assert [v.level for v in limits.udp_buffer(make_scene(), small)] == [Level.OK]
    public = make_scene({"RTCSTACK_API__PUBLIC_URL": "https://video.example.org"})
    [verdict] = limits.udp_buffer(public, small)
    assert verdict.level is Level.WARNING
    assert "sysctl -w net.core.rmem_max=5000000" in verdict.cure
    assert [v.level for v in limits.udp_buffer(public, Limits(udp_bytes=5_000_000))] == [Level.OK]
