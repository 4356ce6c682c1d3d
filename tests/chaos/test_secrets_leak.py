"""Promise 22: no secret is found where it need not be: database, its log, backups, logs with tracebacks, Redis, spool, answers, processes."""

import asyncio
import gzip
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from rtcstack.appliance import marker
from rtcstack.settings import SECRETS
from tests.chaos.canary import is_in
from tests.chaos.faults import until_well
from tests.chaos.waiting import until
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance
from tests.support.own_bucket import OwnBucket, make_own_bucket

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_CANARY = "CANARY+s3cr3t/of-a-tenant"
_KEPT = ("secrets/", "run/")
"""The folders that hold secrets for the parts, in files that the owner alone reads (appliance/test_life.py)."""
_PACKED = "objects.jsonl.gz"
_TOO_BIG = "CREATE TRIGGER too_big BEFORE INSERT ON storages BEGIN SELECT zeroblob(1 << 40); END"
"""Has the statement that saves a bucket's keys fail in a way that nothing foresees."""
_TRACEBACK = b"Traceback (most recent call last)"
_STORES_OWN = "objects/.minio.sys"
"""Here the tenant's store is our MinIO, which keeps the keys of its users."""


class Secrets:
    """Every secret by its name, in the forms in which it may be written."""

    def __init__(self, appliance: Appliance) -> None:
        named = {
            f"{s}.{n}": getattr(getattr(appliance.settings, s), n).get_secret_value() for s, n in SECRETS
        }
        # The names of the keys, which are no secrets, go with every token and every signed request.
        self._named = {n: t for n, t in named.items() if n not in {"livekit.api_key", "storage.access_key"}}

    def add(self, name: str, text: str) -> None:
        self._named[name] = text

    def found_in(self, content: bytes, *but: str) -> list[str]:
        return [name for name, text in self._named.items() if name not in but and is_in(content, text)]


async def test_22_no_secret_lies_anywhere_else(caller: Caller, appliance: Appliance) -> None:
    """Mechanisms: sealing, `SecretStr`, the log's filter, redaction of what LiveKit is told, keys stored as digests."""
    secrets, answers = Secrets(appliance), list[bytes]()
    secrets.add("an API key", appliance.api_key.rpartition("_")[2])
    secrets.add("a webhook's secret", caller.secret.removeprefix("whsec_"))
    bucket = await asyncio.to_thread(make_own_bucket, appliance.settings.storage, "canary", secret=_CANARY)
    secrets.add("a tenant's S3 secret", _CANARY)

    async def keep(answer: httpx.Response) -> None:
        answers.append(await answer.aread())

    caller.http.event_hooks = {"response": [keep]}
    await _make_trouble(caller, appliance, bucket)
    assert [found for answer in answers if (found := secrets.found_in(answer))] == []
    assert await asyncio.to_thread(_places, appliance, secrets) == {}


async def _make_trouble(caller: Caller, appliance: Appliance, bucket: OwnBucket) -> None:
    """Use every secret, and have each fail: a bucket's key that is not taken, a seal that does not open, a call
    that fails with all of them in its hands, a killed API.
    """
    (await caller.http.put("/v1/settings/storage", json=bucket.body())).raise_for_status()
    try:
        await caller.room("canary")
        egress_id = str((await caller.start("canary"))["egressId"])
        await caller.until_active("canary")
        await asyncio.to_thread(bucket.change_secret, "another-secret-of-the-bucket")
        await caller.http.post("/v1/settings/storage/test")
        await caller.http.get("/v1/settings/storage")
        await caller.http.get("/v1/webhooks")
        await asyncio.to_thread(bucket.change_secret, _CANARY)
        await caller.stop("canary")
        await caller.ended(egress_id)
        await _break_a_seal(caller, appliance)
        await _break_a_call(caller, appliance, bucket)
        os.kill((await asyncio.to_thread(appliance.part, "api"))["pid"], signal.SIGKILL)
        await until_well(appliance)
        await caller.http.get("/v1/rooms/canary/recordings")
        backed_up = await asyncio.to_thread(appliance.command, "backup", str(appliance.data / "shelf"))
        assert backed_up.returncode == 0, backed_up.stderr
    finally:
        await caller.http.delete("/v1/settings/storage")


async def _break_a_seal(caller: Caller, appliance: Appliance) -> None:
    """Have a delivery fail because its endpoint's secret does not open, which is logged."""
    made = (await caller.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"})).json()
    with closing(sqlite3.connect(appliance.settings.database_path, timeout=30)) as db, db:
        db.execute("UPDATE webhook_endpoints SET secret = substr(secret, 1, 60) WHERE id = ?", (made["id"],))
    await caller.http.post(f"/v1/webhooks/{made['id']}/test")

    async def is_logged() -> bool:
        return "A sealed secret is damaged" in (appliance.folder.logs / "api.log").read_text()

    await until(is_logged, "the seal that does not open is logged")
    await caller.http.delete(f"/v1/webhooks/{made['id']}")


async def _break_a_call(caller: Caller, appliance: Appliance, bucket: OwnBucket) -> None:
    """Have a call that holds a tenant's secret fail unexpectedly, which is logged with its traceback."""
    with closing(sqlite3.connect(appliance.settings.database_path, timeout=30)) as db:
        db.execute(_TOO_BIG)
        try:
            answer = await caller.http.put("/v1/settings/storage", json=bucket.body())
        finally:
            db.execute("DROP TRIGGER too_big")
    assert answer.status_code == 500, answer.text

    async def is_logged() -> bool:
        return "string or blob too big" in (appliance.folder.logs / "api.log").read_text()

    await until(is_logged, "the call that fails is logged")


def _places(appliance: Appliance, secrets: Secrets) -> dict[str, list[str]]:
    """Return where a secret is found, with the secrets' names."""
    found, has_traceback = {}, False
    for file in appliance.data.rglob("*"):
        name = str(file.relative_to(appliance.data))
        if file.is_file() and not name.startswith((*_KEPT, _STORES_OWN)):
            content = file.read_bytes()
            has_traceback |= file.parent == appliance.folder.logs and _TRACEBACK in content
            found[name] = secrets.found_in(gzip.decompress(content) if name.endswith(_PACKED) else content)
    for process in marker.processes(appliance.data):
        # MinIO takes its own keys from its environment alone; only its owner can read it there.
        own = ("storage.secret_key",) if process.part == "minio" else ()
        for name, but in (("cmdline", ()), ("environ", own)):
            content = Path(f"/proc/{process.pid}/{name}").read_bytes()
            found[f"{name} of {process.part}"] = secrets.found_in(content, *but)
        process.close()
    assert has_traceback
    for looked_at in ("rtcstack.db-wal", "state.sqlite3", _PACKED):
        assert any(name.endswith(looked_at) for name in found), looked_at
    return {place: names for place, names in found.items() if names}
