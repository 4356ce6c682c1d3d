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
    """`parts` says `ok` or why not, by the part's name."""

    status: Literal["ready", "unready"]
    parts: dict[str, str]


EXAMPLES = (HealthBody(), ReadyBody("ready", {"redis": "ok", "minio": "ok", "livekit": "ok", "egress": "ok"}))


@get("/healthz", tags=["System"], summary="Tell that the process lives")
async def healthz() -> HealthBody:
    return HealthBody()


@get(
    "/readyz",
    tags=["System"],
    summary="Tell which parts answer",
    description="503 while one does not.",
    responses={503: ResponseSpec(ReadyBody, description="A part does not answer", generate_examples=False)},
)
async def readyz(preflight: NamedDependency[Preflight]) -> Response[ReadyBody]:
    report = await preflight.report()
    parts = {name: error.message if error else "ok" for name, error in report.items()}
    if any(report.values()):
        return Response(ReadyBody("unready", parts), status_code=503, headers={"retry-after": "2"})
    return Response(ReadyBody("ready", parts), status_code=200)
