"""What an earlier run of the worker left in the spool, and what could not be seen to an end."""

import asyncio
from collections.abc import AsyncIterator, Callable

from livekit.protocol.egress import EgressStatus

from rtcstack import log
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher.egress import Egress
from rtcstack.egress.dispatcher.store import Stores
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.spool import Spool, SpoolFolder
from rtcstack.errors import Upstream

_logger = log.get(__name__)


class Leftovers:
    def __init__(self, spool: Spool, stores: Stores, tools: Tools) -> None:
        self._spool, self._stores, self._tools = spool, stores, tools
        self._closed: set[str] = set()
        """Folders in which nothing is left to do; they need not be read again."""

    async def egresses(self, is_known: Callable[[str], bool]) -> AsyncIterator[Egress]:
        """Yield those to go on with, but for the known ones. What cannot be read stays and holds up none of the others."""
        folders = self._spool.folders()
        self._closed &= {folder.egress_id for folder in folders}
        for folder in folders:
            if folder.egress_id in self._closed or is_known(folder.egress_id):
                continue
            try:
                egress = await self._find(folder)
            except (Upstream, OSError) as e:
                _logger.warning("left for later", egress_id=folder.egress_id, error=str(e))
            except Exception:  # a fault of one recording's files is no reason to record nothing
                _logger.exception("a folder of the spool cannot be read; it stays", folder=str(folder.path))
            else:
                if egress is not None:
                    yield egress

    async def _find(self, folder: SpoolFolder) -> Egress | None:
        order = folder.read_order()
        egress = Egress.resume(order, folder, self._stores.of(order), self._tools)
        if egress.is_closed and _is_done(egress, folder):
            await asyncio.to_thread(folder.remove)  # its worker died when it was about to
        elif egress.is_closed:
            self._closed.add(folder.egress_id)
        elif egress.is_empty and not folder.has_media():
            folder.remove()
        elif egress.is_empty and not await egress.adopt():
            _logger.error("nobody knows this recording; it stays", folder=str(folder.path))
        else:
            return egress
        return None


def _is_done(egress: Egress, folder: SpoolFolder) -> bool:
    """Whether nothing of a closed egress is kept here: a file that could not be stored is."""
    is_kept = egress.info.status == EgressStatus.EGRESS_FAILED and folder.has_media()
    return egress.info.status in infos.ENDED and not is_kept
