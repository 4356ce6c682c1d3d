"""What the built-in Egress worker asks: the keys of the tenant's bucket that a recording goes to."""

from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from rtcstack.api.strict import RAW_BODY
from rtcstack.ports.worker_calls import STORE_PATH
from rtcstack.services.storage.worker_keys import WorkerKeys


class SealedBody(msgspec.Struct, frozen=True):
    sealed: str


@post(STORE_PATH, status_code=200, include_in_schema=False, opt={RAW_BODY: True})
async def egress_store_hook(
    request: Request[Any, Any, Any], worker_keys: NamedDependency[WorkerKeys]
) -> SealedBody:
    body = await request.body()
    return SealedBody(await worker_keys.answer(body, request.headers.get("authorization", "")))
