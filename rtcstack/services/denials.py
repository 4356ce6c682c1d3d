"""A store that denies what it allowed before: keys are changed and mended, and what can wait asks again for days."""

import contextlib
from collections.abc import Iterator
from typing import Final

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.job import Job
from rtcstack.errors import PartRefused, StoreDenied
from rtcstack.services.jobs import NotYet

_log = log.get(__name__)
_AGAIN_S: Final = 600.0
_PATIENCE_MS: Final = 7 * 24 * 3600 * 1000
_OF_THE_STORE: Final = frozenset({StoreDenied.code, PartRefused.code})
"""An unknown key and a wrong signature are refused by other words than a right that is missing."""


@contextlib.contextmanager
def denials_waited_out(job: Job, clock: Clock) -> Iterator[None]:
    """Raise `NotYet` in place of a refusal of the store, until the job is a week old.

    Other refusals, of a file that cannot be decoded or is not there, pass as they are.
    """
    try:
        yield
    except PartRefused as e:
        age_ms = clock.now_ms() - job.created_at_ms
        if e.word not in _OF_THE_STORE or age_ms >= _PATIENCE_MS:
            raise
        _log.warning(
            "a job waits for its store", job_id=job.id, recording_id=job.recording_id, error=e.message
        )
        raise NotYet(e.message, again_in_s=_AGAIN_S) from e
