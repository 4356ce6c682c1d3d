"""LiveKit: the SFU. Its configuration follows `config/livekit.yaml`."""

import socket
from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from rtcstack.appliance import templates
from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.environment import plain
from rtcstack.appliance.parts.part import Part, Port, port_of
from rtcstack.appliance.stopping import StopRule
from rtcstack.settings import LiveKit, Settings

WEBHOOK_PATH = "/hooks/livekit"
STOP = StopRule(again_after_s=0.1)
"""The first SIGTERM waits for participants without limit, the second one ends it."""


def _node_ip(own: LiveKit) -> str:
    """Return the address that clients are offered; empty when LiveKit is to find it by itself.

    Raises:
        CannotStart: a name was given that leads to no address.
    """
    given = own.node_ip or ("127.0.0.1" if own.host == "localhost" else own.host)
    try:
        address = ip_address(given)
    except ValueError:
        return _looked_up(given)
    return "" if address.is_unspecified else str(address)


def _looked_up(name: str) -> str:
    try:
        found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as e:
        raise CannotStart(
            f"{name} leads to no address ({e}). Clients have to find LiveKit there: make the name point to"
            " this machine, or say its address with RTCSTACK_LIVEKIT__NODE_IP, in the bundle's .env with RTCSTACK_NODE_IP."
        ) from e
    return str(found[0][4][0])


def _stun_servers(node_ip: str, own: LiveKit) -> str:
    """Clients are told of public STUN servers unless one is named. Where they are told the address they need none.

    Only there: LiveKit's port does not answer, and who waits for it joins a second later.
    """
    return f"[{templates.yaml_quoted(f'{node_ip}:{own.rtc_udp_port}')}]" if node_ip else "[]"


def configuration(settings: Settings, api_url: str) -> str:
    """Return LiveKit's configuration file; `api_url` is where LiveKit reaches the API.

    Raises:
        CannotStart: the name that is to lead to it leads nowhere.
    """
    own, bus = settings.livekit, settings.redis
    quoted = templates.yaml_quoted
    host = ip_address("127.0.0.1" if own.host == "localhost" else own.host)
    node_ip = _node_ip(own)
    turn = bool(own.turn_domain)
    values = {
        "host": quoted(own.host),
        "port": str(own.port),
        "rtc_tcp_port": str(own.rtc_tcp_port),
        "rtc_udp_port": str(own.rtc_udp_port),
        "node_ip": quoted(node_ip),
        "stun_servers": _stun_servers(node_ip, own) if own.node_ip and not turn else "[]",
        "is_loopback": "true" if host.is_loopback else "false",
        "interfaces": "[lo]" if host.is_loopback else "[]",
        "has_turn": "true" if turn else "false",
        "turn_domain": quoted(own.turn_domain or ""),
        "turn_tls_port": str(own.turn_tls_port),
        "turn_udp_port": str(own.turn_udp_port),
        "turn_peers": f"[{quoted(f'{node_ip}/32')}]" if node_ip and ":" not in node_ip else "[]",
        "redis_address": quoted(f"{bus.host}:{bus.port}"),
        "redis_password": quoted(bus.password.get_secret_value()),
        "api_key": quoted(own.api_key.get_secret_value()),
        "api_secret": quoted(own.api_secret.get_secret_value()),
        "webhook_url": quoted(f"{api_url}{WEBHOOK_PATH}"),
    }
    return templates.render("livekit.yaml", values)


def ports(settings: Settings) -> tuple[Port, ...]:
    own = settings.livekit
    return (
        port_of(settings.origins, own.port, "RTCSTACK_LIVEKIT__PORT", own.host),
        port_of(settings.origins, own.rtc_tcp_port, "RTCSTACK_LIVEKIT__RTC_TCP_PORT", own.host),
        port_of(settings.origins, own.rtc_udp_port, "RTCSTACK_LIVEKIT__RTC_UDP_PORT", own.host, "udp"),
    )


def livekit_part(settings: Settings, environ: Mapping[str, str], program: Path) -> Part:
    own, api = settings.livekit, settings.api
    config = settings.data / "run" / "livekit.yaml"
    return Part(
        name="livekit",
        argv=(str(program), "--config", str(config)),
        environment=plain(environ, settings.data / "run"),
        files={config: configuration(settings, f"http://{probe.reachable(api.host)}:{api.port}")},
        ports=ports(settings),
        address=own.ws_url,
        after=("minio",),
        needs=("redis",),
        check=partial(probe.http_ok, own.host, own.port, "/"),
        stop=STOP,
    )
