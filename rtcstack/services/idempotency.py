"""The same call under the same key is done once and answered the same for a day."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.idempotency import IN_PROGRESS_MS, KEPT_MS, Answer, Call
from rtcstack.domain.sealing import place
from rtcstack.errors import Conflict, IdempotencyInProgress, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.repositories import idempotency

_log = log.get(__name__)
_PURGE_BATCH = 500


class Idempotency:
    """Answers are stored sealed: one may hold a webhook's secret or a join token."""

    def __init__(self, db: Database, clock: Clock, sealer: Sealer) -> None:
        self._db, self._clock, self._sealer = db, clock, sealer

    async def begin(self, call: Call) -> Answer | int:
        """Return the answer of the first such call, or, when the call is to be done, the instant it was claimed at.

        Raises:
            PartUnavailable: the answer could not be kept, so the call is not begun: the vault does not answer.
            Conflict: `idempotency_mismatch`, the key was used for another call.
            IdempotencyInProgress: the first such call is still running.
        """
        await self._sealer.seal(
            call.tenant_id, "", _seal_context(call)
        )  # what fails here fails before anything is done
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if await idempotency.claim(
                tx,
                call,
                now_ms=now_ms,
                dead_before_ms=now_ms - IN_PROGRESS_MS,
                made_before_ms=now_ms - KEPT_MS,
            ):
                return now_ms
            kept = await idempotency.find(tx, call)
        assert kept is not None
        return await self._answer(call, kept)

    async def _answer(self, call: Call, kept: idempotency.Kept) -> Answer:
        if kept.fingerprint != call.fingerprint:
            raise Conflict(
                "This Idempotency-Key was used for another call; every call needs a key of its own.",
                code="idempotency_mismatch",
            )
        if kept.status_code is None:
            raise IdempotencyInProgress(
                "The first call under this Idempotency-Key is still running; try again."
            )
        body = await self._sealer.open(call.tenant_id, kept.sealed_body, _seal_context(call))
        return Answer(kept.status_code, body)

    async def finish(self, call: Call, claimed_at_ms: int, answer: Answer) -> None:
        """Store what was answered, unless the call may be tried again. It is done by now: failing to store is logged."""
        try:
            if answer.is_kept:
                sealed = await self._sealer.seal(call.tenant_id, answer.body, _seal_context(call))
                async with self._db.transaction() as tx:
                    await idempotency.answer(tx, call, claimed_at_ms, answer.status_code, sealed)
            else:
                async with self._db.transaction() as tx:
                    await idempotency.release(tx, call, claimed_at_ms)
        except RtcError as e:
            _log.warning("an answer could not be stored under its idempotency key", error=e.message)

    async def purge(self) -> bool:
        """Forget what is older than a day, some at a time."""
        made_before_ms = self._clock.now_ms() - KEPT_MS
        async with self._db.transaction() as tx:
            return await idempotency.purge(tx, made_before_ms=made_before_ms, limit=_PURGE_BATCH) > 0


def _seal_context(call: Call) -> str:
    return place("idempotency_keys", "body", call.tenant_id, call.key)
