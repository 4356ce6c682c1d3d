"""A worker of its own that does nothing but send a growing file ahead, until it is killed."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from rtcstack.egress.dispatcher import store
from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.dispatcher.upload_ahead import UploadAhead
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.spool import SpoolFolder
from rtcstack.settings import Settings, Storage

if TYPE_CHECKING:
    from tests.integration.egress.dispatcher.ahead import Ahead

_LOOK_S = 0.02
_PATIENCE_S = 120.0


def arguments(ahead: "Ahead", settings: Settings) -> list[str]:
    own = settings.storage
    return [
        str(ahead.folder.path),
        str(ahead.session.part_bytes),
        str(own.port),
        own.bucket,
        own.access_key.get_secret_value(),
        own.secret_key.get_secret_value(),
    ]


async def _send(folder: SpoolFolder, part_bytes: int, target: store.Store) -> None:
    async def source() -> store.Store:
        return target

    session = UploadSession(folder.read_order(), Journal(folder.journal), part_bytes)
    UploadAhead(folder, session, _LOOK_S).start(source)
    await asyncio.sleep(_PATIENCE_S)


if __name__ == "__main__":
    path, size, port, name, access_key, secret_key = sys.argv[1:]
    given = Storage(
        port=int(port), bucket=name, access_key=SecretStr(access_key), secret_key=SecretStr(secret_key)
    )
    asyncio.run(_send(SpoolFolder(Path(path)), int(size), store.configured(given)))
