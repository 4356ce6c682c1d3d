"""The API process: REST surfaces, LiveKit's hook, workers."""

from collections.abc import Mapping
from functools import partial

from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.part import Part, Port, port_of
from rtcstack.settings import Settings
from rtcstack.spawn import spawn_argv


def ports(settings: Settings) -> tuple[Port, ...]:
    return (port_of(settings.origins, settings.api.port, "RTCSTACK_API__PORT", settings.api.host),)


def api_part(settings: Settings, environ: Mapping[str, str]) -> Part:
    own = settings.api
    return Part(
        name="api",
        argv=tuple(spawn_argv("serve", "--data", str(settings.data))),
        environment=environ,
        ports=ports(settings),
        address=own.url,
        after=("egress",),
        check=partial(probe.http_ok, own.host, own.port, "/healthz"),
        takes_control_pipe=True,
    )
