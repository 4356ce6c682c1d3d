"""Whether the process lives and whether its parts answer."""

from typing import Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from rtcstack.services.preflight import Preflight


class HealthBody(msgspec.Struct, frozen=True):
    status: Literal["ok"] = "ok"


class ReadyBody(msgspec.Struct, frozen=True):
    """`parts` says `ok` or why not, by the part's name; `disk` says the same of the data folder's and the spool's."""

    status: Literal["ready", "unready"]
    parts: dict[str, str]
    disk: str


_PARTS = ("redis", "minio", "livekit", "egress")
EXAMPLES = (HealthBody(), ReadyBody("ready", dict.fromkeys(_PARTS, "ok"), "ok"))


@get("/healthz", tags=["System"], summary="Tell that the process lives")
async def healthz() -> HealthBody:
    return HealthBody()


@get(
    "/readyz",
    tags=["System"],
    summary="Tell which parts answer, and whether the disk has room",
    description="503 while one does not, and while nothing can be written or no recording begun for want of space.",
    responses={
        503: ResponseSpec(
            ReadyBody, description="A part does not answer, or the disk is full", generate_examples=False
        )
    },
)
async def readyz(preflight: NamedDependency[Preflight]) -> Response[ReadyBody]:
    report = await preflight.report()
    full = preflight.disk_failure()
    parts = {name: error.message if error else "ok" for name, error in report.items()}
    disk = full.message if full else "ok"
    if full or any(report.values()):
        return Response(ReadyBody("unready", parts, disk), status_code=503, headers={"retry-after": "2"})
    return Response(ReadyBody("ready", parts, disk), status_code=200)
