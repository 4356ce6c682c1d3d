"""The parts of the appliance, in the order in which they are started."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rtcstack.appliance.parts import api, egress, livekit, minio, probe, redis
from rtcstack.appliance.parts.api import api_part
from rtcstack.appliance.parts.egress import egress_part
from rtcstack.appliance.parts.livekit import livekit_part
from rtcstack.appliance.parts.minio import minio_part
from rtcstack.appliance.parts.part import Part, Port
from rtcstack.appliance.parts.redis import redis_part
from rtcstack.appliance.stopping import StopPlan
from rtcstack.settings import Settings


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs that are not ours lie."""

    redis: Path
    minio: Path
    livekit: Path


def all_parts(settings: Settings, environ: Mapping[str, str], programs: Programs) -> list[Part]:
    """Return every part; `settings.data` has to be absolute, since parts may change their folder."""
    return [
        redis_part(settings, environ, programs.redis),
        minio_part(settings, environ, programs.minio),
        livekit_part(settings, environ, programs.livekit),
        egress_part(settings, environ),
        api_part(settings, environ),
    ]


def all_ports(settings: Settings) -> dict[str, tuple[Port, ...]]:
    """Return what each part listens on, by its name."""
    of = {"redis": redis.ports, "minio": minio.ports, "livekit": livekit.ports, "api": api.ports}
    return {name: ports(settings) for name, ports in of.items()}


def stop_plan(settings: Settings) -> StopPlan:
    """Return how the appliance of a data folder is stopped, whoever stops it; parts without a rule follow the usual one."""
    rules = {"livekit": livekit.STOP, "egress": egress.stop_rule(settings)}
    store = probe.reachable(settings.storage.host), settings.storage.port
    return StopPlan(settings.data, settings.database_path, rules, store)
