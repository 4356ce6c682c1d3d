"""Whether the keys that the database's secrets need are here, and stay within reach."""

from rtcstack import log
from rtcstack.domain.sealing import key_missing, no_key
from rtcstack.errors import Internal, Upstream
from rtcstack.ports.database import Reader
from rtcstack.ports.key_wrapper import KeyWrapper
from rtcstack.repositories import data_keys

_log = log.get(__name__)


async def check_keys(reader: Reader, wrapper: KeyWrapper) -> None:
    """Asks no vault.

    Raises:
        Internal: `no_sealing_key`, `sealing_key_missing`; the message says what to do, and is logged.
    """
    counts = await data_keys.count_by_kek(reader)
    missing = [_missing(kek_id, n) for kek_id, n in counts.items() if not wrapper.opens(kek_id)]
    for fault in missing if wrapper.is_ready() else [no_key()]:
        _log.error("cannot start", error=fault.message)
        raise fault


class Upkeep:
    """Keeps the way to the vault open, whether or not a key is needed meanwhile."""

    def __init__(self, wrapper: KeyWrapper) -> None:
        self._wrapper = wrapper

    async def run_once(self) -> bool:
        try:
            await self._wrapper.keep_alive()
        except Upstream as e:
            _log.warning("the vault's token was not renewed", error=e.message)
        return False


def _missing(kek_id: str, n: int) -> Internal:
    return Internal(
        f"{key_missing(kek_id).message} If it is lost for good, `rtcstack sealing forget {kek_id}` gives up what is"
        f" sealed under it ({n} data keys).",
        code="sealing_key_missing",
        kek_id=kek_id,
    )
