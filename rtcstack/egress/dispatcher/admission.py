"""Whether this worker bids for a request, and how eagerly."""

import os
from collections.abc import Sequence
from typing import Any, Final

from rtcstack import log
from rtcstack.adapters.psrpc.endpoint import Claim
from rtcstack.egress.dispatcher import host, requests
from rtcstack.egress.dispatcher.capacity import Capacity, judge
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.dispatcher.others import OtherWork
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.egress.spool import Spool
from rtcstack.errors import DiskFull, Exhausted, Invalid
from rtcstack.ports.fleet import WorkerCapacity
from rtcstack.settings import Settings

_logger = log.get(__name__)
_DELAY_S: Final = 0.040
"""A fully loaded worker bids this much later than an idle one."""
_LAST_RESORT: Final = 0.01
"""LiveKit waits half a second for a better bid than this one."""


class Admission:
    """`check` and `capacity` are given the recorders that run."""

    def __init__(self, settings: Settings, spool: Spool, others: OtherWork) -> None:
        self._storage = settings.storage
        self._most = settings.egress.max_recordings
        self._min_free_bytes = max(settings.egress.min_free_bytes, RESERVE_BYTES)
        self._spool = spool
        self._others = others

    def claim(self, request: Any, loads: Sequence[RecorderLoad]) -> Claim | None:
        """Return the bid for a StartEgressRequest that is new; None leaves it to other workers.

        With the disk nearly full, or the machine, the bid is so low that any other worker wins; if there is none, the
        caller gets a refusal that says why, instead of silence.
        """
        try:
            requests.parse(request, storage=self._storage, now_ns=0)
        except NotOurs as e:
            _logger.info("left to other workers", egress_id=request.egress_id, because=str(e))
            return None
        except Invalid:
            return Claim()  # the handler answers what is wrong with it
        capacity = self._judge(loads)
        if self._lacks_space() or not capacity.can_record:
            return Claim(_LAST_RESORT)
        return Claim(
            delay_s=_DELAY_S * min(1.0, (capacity.cores_needed + capacity.cores_other) / capacity.cores)
        )

    def check(self, loads: Sequence[RecorderLoad]) -> None:
        """Refuse what must not be begun.

        Raises:
            DiskFull: there is too little room for its file.
            Exhausted: `capacity`, the machine cannot take another one.
        """
        if self._lacks_space():
            raise DiskFull(self._no_space())
        capacity = self._judge(loads)
        if not capacity.can_record:
            raise Exhausted(capacity.reason, code="capacity")

    def capacity(self, loads: Sequence[RecorderLoad]) -> WorkerCapacity:
        """Return what can be taken now, and why no more."""
        found = self._judge(loads)
        lacks_space = self._lacks_space()
        return WorkerCapacity(
            running=found.running,
            more=0 if lacks_space else found.more,
            can_record=found.can_record and not lacks_space,
            reason=self._no_space() if lacks_space else found.reason,
            cores=found.cores,
            cores_needed=found.cores_needed,
            cores_other=found.cores_other,
            memory_bytes=found.memory_bytes,
            disk_bytes=self._spool.free_bytes(),
        )

    def _judge(self, loads: Sequence[RecorderLoad]) -> Capacity:
        measured = host.measure()
        # With a niceness recorders stand in a column that `OtherWork` leaves out.
        is_counted = os.getpriority(os.PRIO_PROCESS, 0) <= 0
        of_recorders = sum(load.cores or 0.0 for load in loads) if is_counted else 0.0
        other_cores = self._others.cores(of_recorders, measured.closed_cores)
        return judge(measured, loads, other_cores=other_cores, most=self._most)

    def _no_space(self) -> str:
        return (
            f"The disk of the Egress worker is nearly full: {self._spool.free_bytes() >> 20} MiB are free in "
            f"{self._spool.path}, a recording is begun with {self._min_free_bytes >> 20} MiB or more."
        )

    def _lacks_space(self) -> bool:
        return self._spool.free_bytes() < self._min_free_bytes
