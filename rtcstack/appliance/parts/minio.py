"""MinIO: the object store that comes with the appliance. The bucket in it is made by the Egress worker."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.environment import plain
from rtcstack.appliance.parts.part import Part, Port, port_of
from rtcstack.settings import Settings


def ports(settings: Settings) -> tuple[Port, ...]:
    own = settings.storage
    return (
        port_of(settings.origins, own.port, "RTCSTACK_STORAGE__PORT", own.host),
        port_of(settings.origins, own.console_port, "RTCSTACK_STORAGE__CONSOLE_PORT", own.host),
    )


def minio_part(settings: Settings, environ: Mapping[str, str], program: Path) -> Part:
    own = settings.storage
    objects = settings.data / "objects"
    certificates = settings.data / "run" / "minio-certs"
    listen = ("--address", f"{own.host}:{own.port}", "--console-address", f"{own.host}:{own.console_port}")
    environment = {
        "MINIO_ROOT_USER": own.access_key.get_secret_value(),
        "MINIO_ROOT_PASSWORD": own.secret_key.get_secret_value(),
        "MINIO_SITE_REGION": own.region,
        "MINIO_UPDATE": "off",
        # Recordings of more than a day are sent while they run: left alone it throws away what is unfinished for one.
        "MINIO_API_STALE_UPLOADS_EXPIRY": "720h",
    }
    return Part(
        name="minio",
        argv=(str(program), "server", str(objects), "--quiet", "--certs-dir", str(certificates), *listen),
        environment={**plain(environ, settings.data / "run"), **environment},
        folders=(objects, certificates),
        ports=ports(settings),
        address=own.url,
        after=("redis",),
        check=partial(probe.http_ok, own.host, own.port, "/minio/health/ready"),
    )
