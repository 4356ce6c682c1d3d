"""What went wrong before and waits for somebody: disagreements, disabled endpoints, files in the spool."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtcstack.appliance.in_doubt import InDoubt, in_doubt
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene
from rtcstack.egress.spool import REMOVED
from rtcstack.plural import counted

_OPEN = "SELECT kind, message FROM reconcile_findings WHERE mended IS NULL ORDER BY found_at_ms"
_FAILED_LOOKS = "SELECT name, error FROM reconcile_checks WHERE error IS NOT NULL ORDER BY name"
_DISABLED = """SELECT url, disabled_reason FROM webhook_endpoints WHERE disabled_at_ms IS NOT NULL AND deleted_at_ms IS NULL
    AND disabled_reason IS NOT NULL ORDER BY disabled_at_ms DESC"""
_STUCK = "SELECT count(*), min(received_at_ms) FROM inbox WHERE processed_at_ms IS NULL"
_ACTIVE = """SELECT egress_id FROM recordings WHERE egress_id IS NOT NULL
    AND state IN ('starting', 'recording', 'paused', 'stopping', 'processing')"""
_LATE_S = 120.0
_SHOWN = 3
_NO_DOUBT = InDoubt(0, ())
_RECONCILE = "docs/operations/reconcile.md"
_NATIVE = "docs/operations/native.md#recordings-that-did-not-end-well"


@dataclass(frozen=True)
class Pending:
    disagreements: tuple[tuple[str, str], ...] = ()
    """Kind and sentence of each finding of the reconciler that is not mended."""
    failed_looks: tuple[tuple[str, str], ...] = ()
    disabled: tuple[tuple[str, str], ...] = ()
    """Address and reason of webhook endpoints that were disabled."""
    is_known: bool = True
    """Whether the database could be read; if not, `database` tells of it, and here only the spool is judged."""
    waiting_events: int = 0
    waited_s: float = 0.0
    spool: tuple[str, ...] = ()
    """Egress ids whose files lie in the spool, and which are not known to be going on."""
    doubt: InDoubt = _NO_DOUBT


async def look(scene: Scene) -> Pending:
    path = scene.settings.database_path
    folders = _folders(scene.settings.spool_path)
    if not path.is_file():
        return Pending(spool=folders)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return _read(scene, uri, folders)
    except sqlite3.DatabaseError:
        return Pending(spool=folders, is_known=False)


def _read(scene: Scene, uri: str, folders: tuple[str, ...]) -> Pending:
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=2)) as db:
        active = {egress_id for (egress_id,) in _rows(db, _ACTIVE)}
        count, oldest_ms = next(iter(_rows(db, _STUCK)), (0, None))
        return Pending(
            tuple(_rows(db, _OPEN)),
            tuple(_rows(db, _FAILED_LOOKS)),
            tuple(_rows(db, _DISABLED)),
            waiting_events=count,
            waited_s=time.time() - oldest_ms / 1000 if oldest_ms else 0.0,
            spool=tuple(name for name in folders if not scene.is_up or name not in active),
            doubt=in_doubt(scene.settings.database_path),
        )


def _rows(db: sqlite3.Connection, query: str) -> list[Any]:
    """Return nothing where there is no such table yet."""
    try:
        return db.execute(query).fetchall()
    except sqlite3.OperationalError as e:
        if "no such" in str(e):
            return []
        raise


def _folders(spool: Path) -> tuple[str, ...]:
    try:
        there = [folder.name for folder in spool.iterdir() if (folder / "request.json").is_file()]
        return tuple(sorted(name for name in there if not name.endswith(REMOVED)))
    except OSError:
        return ()


def agreement(scene: Scene, pending: Pending) -> Iterator[Verdict]:
    look_at = f"See all of it, and what to do:\n  {scene.command('reconcile')}"
    for kind, message in pending.disagreements[:_SHOWN]:
        yield doubtful(
            f"{kind}: {message}",
            cause="database, LiveKit, workers, buckets and spool do not say the same",
            cure=look_at,
            page=_RECONCILE,
        )
    if len(pending.disagreements) > _SHOWN:
        yield doubtful(
            f"{len(pending.disagreements) - _SHOWN} more disagreements",
            cause="as above",
            cure=look_at,
            page=_RECONCILE,
        )
    for name, error in pending.failed_looks:
        yield doubtful(
            f"the reconciler could not look at {name}: {error}",
            cause="the part that it asks did not answer",
            cure=f"Mend that part (see above), then:\n  {scene.command('reconcile')}",
            page=_RECONCILE,
        )
    if pending.is_known and not pending.disagreements and not pending.failed_looks:
        yield fine("the reconciler found nothing that does not agree")


def recordings(scene: Scene, pending: Pending) -> Iterator[Verdict]:
    if pending.doubt.total:
        yield wrong(
            f"recordings that are not known to be what was recorded: {pending.doubt.total}. "
            f"The newest: {pending.doubt.newest[0].strip()}",
            cause="what lies in the bucket was changed, cut short or lost after it was stored",
            cure=f"See which; bring them back from the store's versions or a backup:\n  {scene.command('status')}",
            page="docs/api/clips.md",
        )
    elif pending.is_known:
        yield fine("no stored recording is in doubt")


def webhooks(_: Scene, pending: Pending) -> Iterator[Verdict]:
    for url, reason in pending.disabled:
        yield doubtful(
            f"the webhook endpoint {url} is disabled: {reason}",
            cause="it refused what was sent for too long; it misses every event until it is enabled",
            cure="Mend the receiver, then enable the endpoint at the dashboard (Webhooks) and replay what it missed.",
            page="docs/api/webhooks.md",
        )
    if pending.waited_s > _LATE_S:
        yield wrong(
            f"{counted(pending.waiting_events, 'event')} of LiveKit not taken in yet, the oldest for {pending.waited_s:.0f} s",
            cause="the API does not run, or an event cannot be applied: recordings look unfinished meanwhile",
            cure="Start the appliance; if it runs, read the API's log for `inbox`.",
        )
    elif pending.is_known and not pending.disabled:
        yield fine("no webhook endpoint was disabled, no event waits")


def spool(scene: Scene, pending: Pending) -> Iterator[Verdict]:
    if not pending.spool:
        yield fine("nothing is left in the spool")
        return
    shown = ", ".join(pending.spool[:_SHOWN]) + (" …" if len(pending.spool) > _SHOWN else "")
    if scene.is_up:
        yield doubtful(
            f"{counted(len(pending.spool), 'recording')} in the spool, not going on: {shown}",
            cause="their upload is tried again and again, or was refused for good; the files play",
            cure=f"Read why in the worker's log; never empty the spool by hand:\n  {scene.log_of('egress')}",
            page=_NATIVE,
        )
    else:
        yield doubtful(
            f"{counted(len(pending.spool), 'recording')} in the spool, not stored yet: {shown}",
            cause="the appliance was stopped before they were uploaded; the files play",
            cure=f"The next start finishes and uploads them:\n  {scene.command('up --detach')}",
            page=_NATIVE,
        )


FAMILY = Family(
    "pending", look, {"agreement": agreement, "recordings": recordings, "webhooks": webhooks, "spool": spool}
)
