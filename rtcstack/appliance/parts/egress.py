"""The built-in Egress worker."""

from collections.abc import Mapping

from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.part import Part, Unhealthy
from rtcstack.appliance.stopping import StopRule
from rtcstack.settings import Settings
from rtcstack.spawn import spawn_argv

START_EGRESS_CHANNEL = "EgressInternal|StartEgress|REQ"
"""Where psrpc publishes requests for a worker (spec/egress-wire.md, Transport)."""


def egress_part(settings: Settings, environ: Mapping[str, str]) -> Part:
    bus = settings.redis

    async def check() -> None:
        """The worker is well when it listens for requests: it subscribes once it can take them."""
        password = bus.password.get_secret_value()
        if not await probe.redis_subscribers(bus.host, bus.port, password, START_EGRESS_CHANNEL):
            raise Unhealthy("it does not listen for requests on Redis")

    return Part(
        name="egress",
        argv=tuple(spawn_argv("egress", "--data", str(settings.data))),
        environment=environ,
        folders=(settings.spool_path,),
        after=("livekit", "minio"),
        check=check,
        takes_control_pipe=True,
        # SIGTERM means drain: finish and upload the files. The second one says: now.
        stop=StopRule(again_after_s=settings.egress.drain_timeout_s),
    )
