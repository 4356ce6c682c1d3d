"""The public API as a customer's program sees it."""

from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp

from rtcstack.demo.step import StepFailed

_TIMEOUT_S = 20
_FETCH_TIMEOUT_S = 120


class Client:
    """`async with Client(url, key, log) as api`; every answer that is not the expected one is a StepFailed."""

    def __init__(self, url: str, key: str, look: str) -> None:
        self._url, self._look = url.rstrip("/"), look
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {key}"}, timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, status: int = 200
    ) -> Any:
        """Send a request, return the decoded answer (None for an empty one).

        Raises:
            StepFailed: when the API cannot be reached or answers with another status.
        """
        wanted = f"{status} from {method} {path}"
        try:
            async with self._session.request(method, self._url + path, json=body) as answer:
                text = await answer.text()
                if answer.status != status:
                    raise StepFailed(expected=wanted, seen=f"{answer.status} {text[:400]}", look=self._look)
                return await answer.json() if text else None
        except (aiohttp.ClientError, TimeoutError) as e:
            seen = f"no answer from {self._url} ({type(e).__name__}: {e})"
            raise StepFailed(expected=wanted, seen=seen, look=self._look) from e


async def fetch(url: str, look: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Load what a presigned link leads to, as anyone could who has the link: without a key.

    Raises:
        StepFailed: when the store refuses or cannot be reached.
    """
    expected = "the object behind downloadUrl"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_FETCH_TIMEOUT_S)) as session,
            session.get(url, headers=headers) as answer,
        ):
            content = await answer.read()
            if answer.status != HTTPStatus.OK:
                seen = f"{answer.status} {content[:300].decode(errors='replace')}"
                raise StepFailed(expected=expected, seen=seen, look=look)
            return content
    except (aiohttp.ClientError, TimeoutError) as e:
        seen = f"no answer ({type(e).__name__}: {e})"
        raise StepFailed(expected=expected, seen=seen, look=look) from e
