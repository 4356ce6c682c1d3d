"""Asks the API for the keys of a tenant's bucket, by the recording that goes there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
import urllib3

from rtcstack.adapters.crypto.worker_calls import SecretWorkerCalls
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.ports.storage import StoreAccess
from rtcstack.ports.worker_calls import STORE_PATH
from rtcstack.settings import Settings

_TIMEOUT: Final = urllib3.Timeout(connect=2, read=10)
_threads: Final = ThreadPoolExecutor(4, thread_name_prefix="tenant-keys")
"""Threads of their own, started when needed: an API that hangs must not hold up the journals."""
_REFUSALS: Final = (400, 404)
"""Not 401: a clock that is off, or a secret that was changed on one side, is put right, and the file is kept until then."""


class _Told(msgspec.Struct):
    message: str


class _Failure(msgspec.Struct):
    error: _Told


class _Answer(msgspec.Struct):
    sealed: str


class TenantKeys:
    def __init__(self, settings: Settings) -> None:
        livekit = settings.livekit
        self._calls = SecretWorkerCalls(
            livekit.api_key.get_secret_value(), livekit.api_secret.get_secret_value()
        )
        self._url = (settings.egress.api_url or settings.api.reachable_url).rstrip("/") + STORE_PATH
        self._http = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)

    async def fetch(self, recording_id: str) -> StoreAccess:
        """Return the access as it is set now.

        Raises:
            PartUnavailable: the API does not answer, cannot open the secret now, or does not know this worker.
            PartRefused: it does not know the recording.
        """
        body = msgspec.json.encode({"recording_id": recording_id})
        loop = asyncio.get_running_loop()
        sealed = await loop.run_in_executor(_threads, self._ask, body)
        return msgspec.json.decode(self._calls.open(sealed, recording_id), type=StoreAccess)

    def _ask(self, body: bytes) -> str:
        headers = {"authorization": self._calls.sign(body), "content-type": "application/json"}
        try:
            answer = self._http.request("POST", self._url, body=body, headers=headers)
        except (urllib3.exceptions.HTTPError, OSError) as e:
            raise PartUnavailable(
                f"the API at {self._url} was asked for the bucket's keys and does not answer", part="api"
            ) from e
        try:
            if answer.status == 200:  # noqa: PLR2004 - HTTP's OK
                return msgspec.json.decode(answer.data, type=_Answer).sealed
            words = msgspec.json.decode(answer.data, type=_Failure).error.message
        except msgspec.DecodeError as e:  # a proxy before it
            said = answer.data[:200].decode("utf-8", "replace")
            raise PartUnavailable(f"what answers at {self._url} is not the API: {said}", part="api") from e
        kind = PartRefused if answer.status in _REFUSALS else PartUnavailable
        raise kind(f"the API did not give the bucket's keys: {words}", part="api")
