"""Which service each loop calls, how often, and whom it wakes when it did something."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rtcstack.assembly import Services
from rtcstack.domain.job import JobKind
from rtcstack.services.sealing.check import Upkeep
from rtcstack.workers.runner import Worker, Workers

_CATCH_UP_S = 15.0
_QUEUE_WORKERS = 4
"""A start may take long, and is no reason for another to wait."""
_GATHER_S = 0.005
_PURGE_S = 600.0
_CLOCK_S = 5.0
_UPKEEP_S = 3600.0
_LATE_JOBS_S = 60.0
_RECONCILE_S = 5.0
"""How often it is looked which checks are due: each has its own minute."""
_FINALIZERS = 4
_RECOVERIES = 4
"""A bucket that is slow or away is no reason for another's recordings to wait."""


@dataclass(frozen=True)
class Loops:
    """`inbox` is woken by LiveKit's hook."""

    inbox: Worker
    workers: Workers


def loops(services: Services, upkeep: Upkeep) -> Loops:
    outbox = Worker("outbox", services.outbox.deliver_due, drain=services.outbox.drain)
    services.outbox.on_done = outbox.wake
    halls = Worker("halls", services.hall_recording.run_once, drain=services.hall_recording.drain)
    queue = [Worker(f"queue-{n}", services.recording_queue.start_queued) for n in range(_QUEUE_WORKERS)]
    finalize = Worker("finalize", services.finalize.finalize_next, wakes=(outbox,))
    after_events = (finalize, outbox, halls, *queue)
    inbox = Worker("inbox", services.inbox.process_next, wakes=after_events, gather_s=_GATHER_S)
    catch_up = Worker("catch-up", services.catch_up.run_once, interval_s=_CATCH_UP_S, wakes=after_events)
    pauses = Worker("pauses", services.recording_pause.keep_all, interval_s=_CATCH_UP_S)
    more = [
        Worker(f"finalize-{n}", services.finalize.finalize_next, wakes=(outbox,))
        for n in range(1, _FINALIZERS)
    ]
    library = [Worker(kind, jobs.run_next, wakes=(outbox,)) for kind, jobs in services.library_jobs.items()]
    recover_next = services.library_jobs[JobKind.RECOVER].run_next
    library += [Worker(f"recover-{n}", recover_next, wakes=(outbox,)) for n in range(1, _RECOVERIES)]
    media = dict(services.media_jobs)
    cut_next = media.pop(JobKind.CLIP).run_next
    clips = [Worker(f"clips-{n}", cut_next, wakes=(outbox,)) for n in range(services.clip_workers)]
    media_workers = [Worker(kind, jobs.run_next) for kind, jobs in media.items()]
    if services.live_moderation is not None:
        live = services.live_moderation
        media_workers.append(Worker("moderation-live", live.run_once, interval_s=live.interval_s))
    for service in (services.clip_create, services.clip_delete):
        service.on_queued = partial(_wake, clips)
    purge = Worker("idempotency-purge", services.idempotency.purge, interval_s=_PURGE_S)
    deleted = Worker("purge-due", services.recording_purge.queue_due, interval_s=_PURGE_S)
    late = Worker("late-jobs", services.late_jobs.queue_some, interval_s=_LATE_JOBS_S)
    events = Worker("event-purge", services.event_purge.run_once, interval_s=_PURGE_S)
    backlogs = Worker("backlogs", services.backlogs.run_once, wakes=(outbox,))
    clock = Worker("clock", services.clock_watch.run_once, interval_s=_CLOCK_S, wakes=(backlogs,))
    audit = Worker("audit-purge", services.audit_log.forget_old, interval_s=_PURGE_S)
    reconcile = Worker(
        "reconcile",
        services.reconciler.run_once,
        interval_s=_RECONCILE_S,
        drain=services.reconciler.drain,
    )
    vault = Worker("vault-token", upkeep.run_once, interval_s=_UPKEEP_S)
    return Loops(
        inbox,
        Workers(
            [
                inbox,
                finalize,
                *more,
                outbox,
                halls,
                *queue,
                catch_up,
                pauses,
                purge,
                deleted,
                events,
                backlogs,
                clock,
                audit,
                late,
                reconcile,
                vault,
                *library,
                *clips,
                *media_workers,
            ]
        ),
    )


def _wake(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.wake()
