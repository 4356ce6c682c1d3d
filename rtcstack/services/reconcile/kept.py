"""A store ↔ what is kept there beside recordings that are ready: those in the archive, and finished clips."""

from dataclasses import dataclass

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.clip import ClipState
from rtcstack.domain.finding import LAST_SUBJECT, Finding, FindingKind, Look
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import RecordingState, Transfer
from rtcstack.errors import ObjectNotFound
from rtcstack.ports.database import Database
from rtcstack.ports.storage import Location, Storage
from rtcstack.repositories import clips, disagreements, reconcile
from rtcstack.services.recording_source import find_stored
from rtcstack.services.repairs import have_verified
from rtcstack.services.storage.place import archived_at
from rtcstack.services.storage.stores import Stores

VERIFYING = "asked for: its verification, which mends it from the spool if its file is there"
VERIFYING_AGAIN = "asked for: its verification anew"
_log = log.get(__name__)
_PAGE = 50
_RECUT = "Delete the clip and ask for it again: it is cut anew from its recording."


@dataclass(frozen=True)
class _Kept:
    """Where its object is to be looked for, and what size it has to have, if that is known."""

    id: str
    tenant_id: str
    places: tuple[Location, ...]
    size_bytes: int | None
    is_clip: bool


class KeptCheck:
    """Each object is asked for by name, a page at a look: an archive may charge for each request. `own` is a tenant's
    bucket, None the shared store with its archive.
    """

    def __init__(
        self, db: Database, clock: Clock, stores: Stores, own: OwnBucket | None, *, page: int = _PAGE
    ) -> None:
        self._db, self._clock, self._stores, self._page = db, clock, stores, page
        self._storage_id = own.id if own else None
        self._tenant_id = own.tenant_id if own else None
        self.name = f"kept {own.id}" if own else "kept"

    async def look(self, cursor: str) -> Look:
        """Raises `StoreDenied` where the key of a tenant's bucket may not ask."""
        ids = await disagreements.kept_in_store(
            self._db, self._storage_id, self._tenant_id, cursor, self._page
        )
        up_to = ids[-1] if len(ids) == self._page else LAST_SUBJECT
        was_open = await reconcile.open_since(self._db, self.name)
        found = [await self._look_at(kept_id, is_open=kept_id in was_open) for kept_id in ids]
        cursor_now = "" if up_to == LAST_SUBJECT else up_to
        return Look(len(ids), [f for f in found if f], after=cursor, up_to=up_to, cursor=cursor_now)

    async def _look_at(self, kept_id: str, *, is_open: bool) -> Finding | None:
        kept = await self._find(kept_id)
        if kept is None:
            return None
        fault = await _fault(await self._stores.of(self._storage_id), kept)
        if fault is None:
            if is_open:
                await self._agrees_again(kept)
            return None
        if await self._find(kept_id) != kept:
            return None  # it was moved, restored or deleted meanwhile
        return await self._tell(kept, *fault, is_open=is_open)

    async def _find(self, kept_id: str) -> _Kept | None:
        """None for what is on its way from one place to another, or no longer kept."""
        if clip := await clips.find(self._db, kept_id):
            is_kept = clip.state is ClipState.COMPLETE and not clip.is_deleted
            at = Location(clip.bucket, clip.object_key)
            return _Kept(clip.id, clip.tenant_id, (at,), clip.size_bytes, is_clip=True) if is_kept else None
        found = await find_stored(self._db, kept_id)
        if found is None or found.state is not RecordingState.ARCHIVED or found.transfer is Transfer.PENDING:
            return None
        # A move that was given up has left it where it was.
        places = (archived_at(found), Location(found.bucket, found.object_key))
        return _Kept(found.id, found.tenant_id, places, found.size_bytes, is_clip=False)

    async def _tell(self, kept: _Kept, kind: FindingKind, text: str, *, is_open: bool) -> Finding:
        """Once: a recording is verified, by which its customer hears of it; of a clip the log has it."""
        if kept.is_clip:
            if not is_open:
                _log.error(
                    "a clip's object does not agree", clip_id=kept.id, tenant=kept.tenant_id, error=text
                )
            return Finding(kind, kept.id, f"{text} {_RECUT}", kept.tenant_id, kept.id)
        finding = Finding(kind, kept.id, text, kept.tenant_id, kept.id, VERIFYING)
        if not is_open:
            await have_verified(self._db, self._clock, kept.id, finding)
        return finding

    async def _agrees_again(self, kept: _Kept) -> None:
        if kept.is_clip:
            return
        text = "Its object is there in its size again."
        again = Finding(FindingKind.OBJECT_LATE, kept.id, text, kept.tenant_id, kept.id, VERIFYING_AGAIN)
        await have_verified(self._db, self._clock, kept.id, again)


async def _fault(store: Storage, kept: _Kept) -> tuple[FindingKind, str] | None:
    """Look for it wherever it may be: it agrees if it is in one of the places as it was stored."""
    what = "The clip's" if kept.is_clip else "The archived recording's"
    wrong = None
    for at in kept.places:
        try:
            found = await store.stat(at.key, at.bucket)
        except ObjectNotFound:
            continue
        if kept.size_bytes in {None, found.size_bytes}:
            return None
        text = f"{what} object {at.key} has {found.size_bytes} bytes, and {kept.size_bytes} were stored."
        wrong = wrong or (FindingKind.SIZE_MISMATCH, text)
    if wrong:
        return wrong
    at = kept.places[0]
    return FindingKind.OBJECT_MISSING, f"{what} object {at.key} is not in the bucket {at.bucket}."
