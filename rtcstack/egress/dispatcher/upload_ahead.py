"""Sends a recording's file to the store while it is being written, so that little is left to send when it ends.

Trouble with the store costs nothing but the time that was to be saved: whatever is missing is sent at the end, and what
the store refuses is refused there, in its own words (docs/decisions/0024).
"""

import asyncio
from pathlib import Path
from typing import Final

from rtcstack import log
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.dispatcher.upload_parts import UploadGone
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.dispatcher.uploader import MOST_LOST, MOST_PARTS
from rtcstack.egress.spool import SpoolFolder
from rtcstack.errors import PartRefused, PartUnavailable

_logger = log.get(__name__)
_LOOK_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
FIRST: Final = 2
"""The first part is sent last. So nothing is begun with for a file shorter than two."""


class UploadAhead:
    """`start` it when the recorder starts, `halt` it when there is nobody left who writes."""

    def __init__(self, folder: SpoolFolder, session: UploadSession, look_s: float = _LOOK_S) -> None:
        """`look_s` is how often the file is looked at."""
        self._folder, self._session, self._look_s = folder, session, look_s
        self._pump: asyncio.Task[None] | None = None
        self._store: Store | None = None
        self._said = ""

    def start(self, source: StoreSource) -> None:
        self._pump = asyncio.create_task(self._run(source), name=f"ahead of {self._folder.egress_id}")

    async def halt(self) -> None:
        """Begin with no more parts; one that is under way arrives all the same."""
        if self._pump is not None:
            self._pump.cancel()
            (fault,) = await asyncio.gather(self._pump, return_exceptions=True)
            if isinstance(fault, Exception):
                _logger.error("uploading while recording failed", exc_info=fault)

    async def _run(self, source: StoreSource) -> None:
        pause_s, lost = self._look_s, 0
        while True:
            await asyncio.sleep(pause_s)
            try:
                await self._send_full_parts(source)
                pause_s, self._said = self._look_s, ""
            except (PartUnavailable, PartRefused) as e:  # keys that are refused may be mended meanwhile
                self._store, pause_s = None, min(pause_s * 2, _LONGEST_PAUSE_S)
                self._say("uploading while recording waits", e.message)
            except OSError as e:
                self._say("no more is uploaded while recording", str(e))
                return
            except UploadGone as e:
                # Some stores throw away what is unfinished for a day or a week. One that does so at once is not sent it for ever.
                await self._session.forget()
                lost += 1
                if lost == MOST_LOST:
                    self._say("no more is uploaded while recording", e.message)
                    return
                self._store, pause_s = None, min(pause_s * 2, _LONGEST_PAUSE_S)
                self._say("uploading while recording begins anew", e.message)

    async def _send_full_parts(self, source: StoreSource) -> None:
        part = sole_part(self._folder)
        if part is None:
            return
        full = part.stat().st_size // self._session.part_bytes
        for number in range(FIRST, min(full, MOST_PARTS) + 1):
            if not self._session.is_sent(number):
                await self._send(part, number, source)

    async def _send(self, part: Path, number: int, source: StoreSource) -> None:
        self._store = self._store or await source()
        await self._session.begin(self._store)
        await self._session.send(self._store, part, number)

    def _say(self, what: str, error: str) -> None:
        if error != self._said:
            _logger.warning(what, egress_id=self._folder.egress_id, error=error)
        self._said = error


def sole_part(folder: SpoolFolder) -> Path | None:
    """Return the file that is the whole recording; None when there are several parts, which are joined first."""
    parts = folder.parts()
    return parts[0] if len(parts) == 1 else None
