"""A process that seals secrets, runs into every trouble that sealing knows, logs it, and dies of one.

`python -m tests.support.sealing_trouble DATA STYLE KEY SECRET…`: one endpoint a secret.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

from rtcstack import log
from rtcstack.bootstrap import open_sealing
from rtcstack.domain.sealing import place
from rtcstack.errors import RtcError
from rtcstack.services.sealing.rotation import Rotation
from rtcstack.settings import load

_log = log.get(__name__)


async def _fill(rotation: Rotation, secrets: list[str]) -> None:
    for n, secret in enumerate(secrets):
        text = await rotation._sealer.seal(
            "default", secret, place("webhook_endpoints", "secret", f"whk_{n}")
        )
        async with rotation._db.transaction() as tx:
            with suppress(Exception):
                await tx.execute(
                    "INSERT INTO tenants (id, plan, created_at_ms) VALUES ('default', 'free', 1)"
                )
            await tx.execute(
                "INSERT INTO webhook_endpoints (id, tenant_id, url, secret, created_at_ms)"
                " VALUES ('whk_' || :n, 'default', 'https://x', :text, 1)",
                n=n,
                text=text,
            )


async def _trouble(rotation: Rotation, secrets: list[str]) -> None:
    [first, second] = await rotation._db.all("SELECT secret FROM webhook_endpoints ORDER BY id LIMIT 2")
    context = place("webhook_endpoints", "secret", "whk_0")
    for text in (
        second["secret"],
        first["secret"][:-4],
        "nonsense",
        f"v2.dk_gone.{'A' * 16}.{'A' * 24}",
        f"v1.00000000.{'A' * 16}.{'A' * 24}",
    ):
        try:
            await rotation._sealer.open("default", text, context)
        except RtcError:
            _log.exception("it does not open", secret=secrets[0], text=text)
    try:
        await rotation._sealer.seal("default", secrets[0] + "\ud800", context)
    except UnicodeEncodeError:
        _log.exception("it cannot be encoded")
    await rotation._sealer.open("default", second["secret"], context)


async def _main(data: Path, style: str, key: str, secrets: list[str]) -> None:
    settings = load({"RTCSTACK_SEALING__KEY": key}, data=data)
    log.configure("debug", cast("Literal['json', 'console']", style), part="trouble")
    _log.info("settings", settings=settings, sealing=repr(settings.sealing))
    async with open_sealing(settings) as (keys, rotation):
        await _fill(rotation, secrets)
        _log.info("rotated", done=await rotation.rotate(with_data_keys=True))
        _log.info("inventory", inventory=await keys.inventory())
        _log.info("keys", current=await rotation._keys.current("default"), all=vars(rotation._keys))
        await _trouble(rotation, secrets)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
