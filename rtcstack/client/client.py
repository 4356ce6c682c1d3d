"""The client of the API."""

from types import TracebackType
from typing import Self

from rtcstack.client.calls.appliance import AdminCalls, StorageCalls, SystemCalls
from rtcstack.client.calls.clips import ClipCalls
from rtcstack.client.calls.halls import HallCalls
from rtcstack.client.calls.library import LibraryCalls
from rtcstack.client.calls.rooms import RoomCalls
from rtcstack.client.calls.webhooks import WebhookCalls
from rtcstack.client.session import Session


class Client:
    """Calls one server with one API key: `async with Client(url, key)` and `await`, or `with Client(url, key)` and `.execute()`.

    A call is tried again up to `retries` times when no answer came, or 429, 502, 503 or 504, after the time that the server asks
    for if that is at most 30 seconds. That is safe for every call: each POST carries an idempotency key. A DELETE whose
    first answer was lost may be 404 the second time.

    Raises `ValueError` when `url` is no address of a server, or `key` cannot be sent.
    """

    def __init__(self, url: str, key: str = "", *, timeout_s: float = 30.0, retries: int = 3) -> None:
        self._session = Session(url, key, timeout_s=timeout_s, retries=retries)
        self.rooms = RoomCalls(self._session)
        self.halls = HallCalls(self._session)
        self.library = LibraryCalls(self._session)
        self.clips = ClipCalls(self._session)
        self.webhooks = WebhookCalls(self._session)
        self.storage = StorageCalls(self._session)
        self.admin = AdminCalls(self._session)
        self.system = SystemCalls(self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.aclose()
