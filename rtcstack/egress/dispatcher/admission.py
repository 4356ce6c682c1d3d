"""Whether this worker bids for a request, and how eagerly."""

import os
from typing import Any, Final

from rtcstack import log
from rtcstack.adapters.psrpc.endpoint import Claim
from rtcstack.egress.dispatcher import requests
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.egress.spool import Spool
from rtcstack.errors import DiskFull, Invalid
from rtcstack.settings import Settings

_logger = log.get(__name__)
_DELAY_S: Final = 0.040
"""A fully loaded worker bids this much later than an idle one."""
_LAST_RESORT: Final = 0.01
"""LiveKit waits half a second for a better bid than this one."""


class Admission:
    def __init__(self, settings: Settings, spool: Spool) -> None:
        self._storage = settings.storage
        self._min_free_bytes = max(settings.egress.min_free_bytes, RESERVE_BYTES)
        self._spool = spool

    def claim(self, request: Any, *, running: int) -> Claim | None:
        """Return the bid for a StartEgressRequest that is new; None leaves it to other workers.

        With the disk nearly full the bid is so low that any other worker wins; if there is none, the caller gets a
        refusal that says why, instead of silence.
        """
        try:
            requests.parse(request, storage=self._storage, now_ns=0)
        except NotOurs as e:
            _logger.info("left to other workers", egress_id=request.egress_id, because=str(e))
            return None
        except Invalid:
            return Claim()  # the handler answers what is wrong with it
        if self._lacks_space():
            return Claim(_LAST_RESORT)
        return Claim(delay_s=_DELAY_S * running / (os.cpu_count() or 1))

    def check_space(self) -> None:
        """Raise DiskFull when a recording must not be begun."""
        if self._lacks_space():
            raise DiskFull(
                f"the disk of the Egress worker is nearly full: {self._spool.free_bytes() >> 20} MiB are free in "
                f"{self._spool.path}, a recording is begun with {self._min_free_bytes >> 20} MiB or more"
            )

    def _lacks_space(self) -> bool:
        return self._spool.free_bytes() < self._min_free_bytes
