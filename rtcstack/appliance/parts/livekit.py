"""LiveKit: the SFU. Its configuration follows `config/livekit.yaml`."""

from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from rtcstack.appliance import templates
from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.environment import plain
from rtcstack.appliance.parts.part import Part, Port
from rtcstack.appliance.stopping import StopRule
from rtcstack.settings import Settings

WEBHOOK_PATH = "/hooks/livekit"
STOP = StopRule(again_after_s=0.1)
"""The first SIGTERM waits for participants without limit, the second one ends it."""


def _values(settings: Settings) -> dict[str, str]:
    own, api, bus = settings.livekit, settings.api, settings.redis
    quoted = templates.yaml_quoted
    address = ip_address("127.0.0.1" if own.host == "localhost" else own.host)
    return {
        "host": quoted(own.host),
        "port": str(own.port),
        "rtc_tcp_port": str(own.rtc_tcp_port),
        "rtc_udp_port": str(own.rtc_udp_port),
        # Listening everywhere, LiveKit finds the address to offer by itself.
        "node_ip": quoted("" if address.is_unspecified else str(address)),
        "is_loopback": "true" if address.is_loopback else "false",
        "interfaces": "[lo]" if address.is_loopback else "[]",
        "redis_address": quoted(f"{bus.host}:{bus.port}"),
        "redis_password": quoted(bus.password.get_secret_value()),
        "api_key": quoted(own.api_key.get_secret_value()),
        "api_secret": quoted(own.api_secret.get_secret_value()),
        "webhook_url": quoted(f"http://{probe.reachable(api.host)}:{api.port}{WEBHOOK_PATH}"),
    }


def livekit_part(settings: Settings, environ: Mapping[str, str], program: Path) -> Part:
    own = settings.livekit
    config = settings.data / "run" / "livekit.yaml"
    return Part(
        name="livekit",
        argv=(str(program), "--config", str(config)),
        environment=plain(environ, settings.data / "run"),
        files={config: templates.render("livekit.yaml", _values(settings))},
        ports=(
            Port(own.port, "RTCSTACK_LIVEKIT__PORT", own.host),
            Port(own.rtc_tcp_port, "RTCSTACK_LIVEKIT__RTC_TCP_PORT", own.host),
            Port(own.rtc_udp_port, "RTCSTACK_LIVEKIT__RTC_UDP_PORT", own.host, "udp"),
        ),
        address=own.ws_url,
        after=("minio",),
        needs=("redis",),
        check=partial(probe.http_ok, own.host, own.port, "/"),
        stop=STOP,
    )
