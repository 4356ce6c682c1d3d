"""A call that is ready to be sent, and a list that comes in pages. Both work with and without `await`."""

import warnings
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from rtcstack.client.request import Request
from rtcstack.client.session import Session

T = TypeVar("T")


class Call(Generic[T]):
    """`await call` sends it from asyncio, `call.execute()` from anywhere else. It raises `RtcstackError`.

    A call that is dropped without either does nothing, and a RuntimeWarning says so.
    """

    def __init__(self, session: Session, request: Request[T]) -> None:
        self._session, self.request, self._is_sent = session, request, False

    def __await__(self) -> Generator[Any, None, T]:
        self._is_sent = True
        return self._session.send(self.request).__await__()

    def execute(self) -> T:
        self._is_sent = True
        return self._session.send_blocking(self.request)

    def once_as(self, idempotency_key: str) -> "Call[T]":
        """Return the call under an idempotency key of one's own: sent again under it, also by another process within a day,
        it is not done again.
        """
        self._is_sent = True
        return Call(self._session, replace(self.request, idempotency_key=idempotency_key))

    def __del__(self) -> None:
        if not self._is_sent:
            text = f"{self.request.operation} was never sent; await it or call .execute()"
            warnings.warn(text, RuntimeWarning, stacklevel=2)


class Page(Protocol):
    """One page of a list."""

    @property
    def data(self) -> list[Any]: ...


P = TypeVar("P", bound=Page)


class Pages(Generic[P, T]):
    """A list: `async for` or `for` goes through all entries and fetches page after page; `page()` is a call for one page."""

    def __init__(
        self, session: Session, first: Request[P], follow: Callable[[P], Mapping[str, Any] | None]
    ) -> None:
        self._session, self._first, self._follow = session, first, follow

    def page(self) -> Call[P]:
        return Call(self._session, self._first)

    async def __aiter__(self) -> AsyncIterator[T]:
        request: Request[P] | None = self._first
        while request:
            page = await self._session.send(request)
            for entry in page.data:
                yield entry
            request = self._next(page)

    def __iter__(self) -> Iterator[T]:
        request: Request[P] | None = self._first
        while request:
            page = self._session.send_blocking(request)
            yield from page.data
            request = self._next(page)

    def _next(self, page: P) -> Request[P] | None:
        query = self._follow(page)
        return replace(self._first, query={**self._first.query, **query}) if query else None
