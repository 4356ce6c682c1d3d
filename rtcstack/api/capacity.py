"""Whether a recording could be begun now: `GET /v1/capacity`."""

import msgspec
from litestar import get
from litestar.di import NamedDependency

from rtcstack.api.errors import documented
from rtcstack.domain.api_key import Principal
from rtcstack.ports.fleet import WorkerCapacity
from rtcstack.services.capacity import Answer, Capacity


class WorkerBody(msgspec.Struct):
    """One Egress worker, as it has measured itself."""

    running: int
    more: int
    can_record: bool
    reason: str | None
    cores: float
    cores_needed: float
    cores_other: float
    memory_bytes: int
    disk_bytes: int

    @classmethod
    def from_domain(cls, worker: WorkerCapacity) -> "WorkerBody":
        return cls(
            running=worker.running,
            more=worker.more,
            can_record=worker.can_record,
            reason=worker.reason or None,
            cores=worker.cores,
            cores_needed=worker.cores_needed,
            cores_other=worker.cores_other,
            memory_bytes=worker.memory_bytes,
            disk_bytes=worker.disk_bytes,
        )


class CapacityBody(msgspec.Struct, omit_defaults=True):
    """`workers` is there for a key of the operator."""

    can_record: bool
    more: int | None
    running: int
    message: str
    workers: list[WorkerBody] = []

    @classmethod
    def from_domain(cls, answer: Answer, *, with_workers: bool) -> "CapacityBody":
        workers = [WorkerBody.from_domain(worker) for worker in answer.workers] if with_workers else []
        return cls(answer.can_record, answer.more, answer.running, answer.message, workers)


EXAMPLES = (
    CapacityBody(
        can_record=True,
        more=2,
        running=2,
        message="2 more recordings can be begun now.",
        workers=[WorkerBody(2, 2, True, None, 2.0, 0.57, 0.31, 6_120_000_000, 48_300_000_000)],
    ),
)


@get(
    "/v1/capacity",
    tags=["Room recording"],
    summary="Tell whether and how many more recordings can be begun now",
    description="And if not, why, in words. `more` counts those that get every picture; null when there are Egress workers "
    "that do not say. `running` counts the tenant's own. With a key of the operator each worker's figures come along.",
    responses=documented(),
)
async def get_capacity(
    principal: NamedDependency[Principal], capacity: NamedDependency[Capacity]
) -> CapacityBody:
    answer = await capacity.read(principal.tenant_id)
    return CapacityBody.from_domain(answer, with_workers=principal.is_operator)
