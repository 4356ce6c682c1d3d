"""Which service each loop calls, how often, and whom it wakes when it did something."""

from dataclasses import dataclass

from rtcstack.assembly import Services
from rtcstack.workers.runner import Worker, Workers

_CATCH_UP_S = 15.0
_PURGE_S = 600.0


@dataclass(frozen=True)
class Loops:
    """`inbox` is woken by LiveKit's hook."""

    inbox: Worker
    workers: Workers


def loops(services: Services) -> Loops:
    outbox = Worker("outbox", services.outbox.deliver_due, drain=services.outbox.drain)
    services.outbox.on_done = outbox.wake
    halls = Worker("halls", services.hall_recording.run_once)
    queue = Worker("queue", services.recording_queue.start_queued)
    finalize = Worker("finalize", services.finalize.finalize_next, wakes=(outbox,))
    after_events = (finalize, outbox, halls, queue)
    inbox = Worker("inbox", services.inbox.process_next, wakes=after_events)
    catch_up = Worker("catch-up", services.catch_up.run_once, interval_s=_CATCH_UP_S, wakes=after_events)
    library = [Worker(kind, jobs.run_next, wakes=(outbox,)) for kind, jobs in services.library_jobs.items()]
    purge = Worker("idempotency-purge", services.idempotency.purge, interval_s=_PURGE_S)
    return Loops(inbox, Workers([inbox, finalize, outbox, halls, queue, catch_up, purge, *library]))
