from collections.abc import Mapping

from rtcstack.repositories.webhooks import Attempt


class FakeSender:
    """Answers every post with the next of `answers`, then with 200."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes, Mapping[str, str]]] = []
        self.answers: list[Attempt] = []

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        self.posts.append((url, body, headers))
        return self.answers.pop(0) if self.answers else Attempt(200, "ok", None, 1)

    async def check_url(self, url: str) -> None:
        del url
