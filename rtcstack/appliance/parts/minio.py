"""MinIO: the object store that comes with the appliance."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.environment import plain
from rtcstack.appliance.parts.part import Part, Port, Unhealthy
from rtcstack.settings import Settings, Storage


def _make_bucket(own: Storage) -> None:
    # 0.2 s of import that only this step needs.
    from minio import Minio  # noqa: PLC0415
    from minio.error import MinioException, S3Error  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    client = Minio(
        f"{probe.reachable(own.host)}:{own.port}",
        access_key=own.access_key.get_secret_value(),
        secret_key=own.secret_key.get_secret_value(),
        region=own.region,
        secure=own.tls,
    )
    try:
        client.make_bucket(own.bucket)
    except S3Error as e:
        if e.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise Unhealthy(f"the bucket {own.bucket} could not be made: {e.message}") from e
    except (MinioException, HTTPError, ValueError) as e:
        raise Unhealthy(f"the bucket {own.bucket} could not be made: {e}") from e


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
    }
    return Part(
        name="minio",
        argv=(str(program), "server", str(objects), "--quiet", "--certs-dir", str(certificates), *listen),
        environment={**plain(environ, settings.data / "run"), **environment},
        folders=(objects, certificates),
        ports=(
            Port(own.port, "RTCSTACK_STORAGE__PORT", own.host),
            Port(own.console_port, "RTCSTACK_STORAGE__CONSOLE_PORT", own.host),
        ),
        address=own.url,
        check=partial(probe.http_ok, own.host, own.port, "/minio/health/ready"),
        prepare=partial(asyncio.to_thread, _make_bucket, own),
    )
