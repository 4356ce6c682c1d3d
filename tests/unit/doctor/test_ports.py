"""Ports that are taken, asked for twice, or lent to outgoing connections; and ports that nobody listens on."""

import errno
import socket
from typing import Any

from rtcstack.appliance.parts.part import Port
from rtcstack.appliance.state import Snapshot
from rtcstack.doctor.checks import ports
from rtcstack.doctor.checks.ports import Held, Ports
from rtcstack.doctor.finding import Level
from tests.support.environment import free_environment
from tests.unit.doctor.conftest import MakeScene

_RUNNING = Snapshot(1, 1, {}, [])


def _held(refusal: int | None, **port: Any) -> Held:
    return Held("livekit", Port(**{"number": 7880, "setting": "RTCSTACK_LIVEKIT__PORT", **port}), refusal)


async def test_a_taken_port_is_told_with_who_holds_it_and_what_to_set(make_scene: MakeScene) -> None:
    scene = make_scene(free_environment())
    with socket.create_server(("127.0.0.1", scene.settings.livekit.port)):
        [verdict] = ports.free(scene, await ports.look(scene))
    assert verdict.level is Level.ERROR
    assert (
        f"port {scene.settings.livekit.port}/tcp on 127.0.0.1, which livekit asks for, is taken by pid "
        in verdict.seen
    )
    assert verdict.cure == "Stop that process, or set RTCSTACK_LIVEKIT__PORT to a free port."


async def test_free_ports_are_well(make_scene: MakeScene) -> None:
    scene = make_scene(free_environment())
    [verdict] = ports.free(scene, await ports.look(scene))
    assert verdict.level is Level.OK
    assert verdict.seen.startswith("all 7 ports are free: ")


async def test_one_port_for_two_is_told(make_scene: MakeScene) -> None:
    environ = free_environment()
    scene = make_scene({**environ, "RTCSTACK_API__PORT": environ["RTCSTACK_REDIS__PORT"]})
    [verdict] = ports.free(scene, await ports.look(scene))
    assert "RTCSTACK_REDIS__PORT and RTCSTACK_API__PORT both ask for port" in verdict.seen


async def test_an_address_of_another_machine_is_told(make_scene: MakeScene) -> None:
    scene = make_scene({**free_environment(), "RTCSTACK_API__HOST": "192.0.2.7"})
    [verdict] = ports.free(scene, await ports.look(scene))
    assert "192.0.2.7, which is no address of this machine" in verdict.seen
    assert "RTCSTACK_API__HOST" in verdict.cure


def test_a_low_port_is_not_said_to_be_taken(make_scene: MakeScene) -> None:
    [verdict] = ports.free(make_scene(), Ports((_held(errno.EACCES, number=80),)))
    assert "may not be opened by this user" in verdict.seen


def test_what_an_earlier_start_left_is_stopped_by_our_own_command(make_scene: MakeScene) -> None:
    scene = make_scene(leftovers=frozenset({"livekit"}))
    [verdict] = ports.free(scene, Ports((_held(errno.EADDRINUSE),)))
    assert " down --data " in verdict.cure


def test_a_port_that_nobody_listens_on_while_it_runs_is_told(make_scene: MakeScene) -> None:
    scene = make_scene(snapshot=_RUNNING)
    found = Ports((_held(errno.EADDRINUSE), _held(None, number=7882, protocol="udp")))
    [verdict] = ports.listened(scene, found)
    assert verdict.level is Level.ERROR
    assert verdict.seen.startswith("nobody listens on port 7882/udp, although livekit should")
    assert list(ports.free(scene, found)) == []


def test_a_port_that_outgoing_connections_are_given_is_a_warning_unless_it_is_reserved(
    make_scene: MakeScene,
) -> None:
    lent = Ports((_held(None, number=41000),), range(32768, 61000), frozenset({50000}))
    [verdict] = ports.outgoing(make_scene(), lent)
    assert verdict.level is Level.WARNING
    assert verdict.cure.count("ip_local_reserved_ports=41000,50000") == 2
    reserved = Ports(lent.held, lent.outgoing, frozenset({41000}))
    assert list(ports.outgoing(make_scene(), reserved)) == []


async def test_parts_in_containers_of_their_own_are_not_looked_for_here(make_scene: MakeScene) -> None:
    scene = make_scene(is_apart=True)
    facts = await ports.look(scene)
    assert [verdict for check in ports.FAMILY.checks.values() for verdict in check(scene, facts)] == []
