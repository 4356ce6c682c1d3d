"""Redis: the bus between LiveKit and the Egress workers."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rtcstack.appliance import templates
from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.environment import plain
from rtcstack.appliance.parts.part import Part, Port, port_of
from rtcstack.settings import Settings


def configuration(settings: Settings, folder: Path) -> str:
    """Return Redis' configuration file; it keeps its data in `folder`."""
    own = settings.redis
    values = {
        "host": own.host,
        "port": str(own.port),
        "password": templates.redis_quoted(own.password.get_secret_value()),
        "folder": templates.redis_quoted(str(folder)),
    }
    return templates.render("redis.conf", values)


def ports(settings: Settings) -> tuple[Port, ...]:
    return (port_of(settings.origins, settings.redis.port, "RTCSTACK_REDIS__PORT", settings.redis.host),)


def redis_part(settings: Settings, environ: Mapping[str, str], program: Path) -> Part:
    conf = settings.data / "run" / "redis.conf"
    folder = settings.data / "redis"
    own = settings.redis
    return Part(
        name="redis",
        argv=(str(program), str(conf)),
        environment=plain(environ, settings.data / "run"),
        files={conf: configuration(settings, folder)},
        folders=(folder,),
        ports=ports(settings),
        address=f"redis://{own.host}:{own.port}",
        check=partial(probe.redis_ping, own),
    )
