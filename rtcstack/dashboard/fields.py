"""What a page was asked with: by its address, or by a form."""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from rtcstack.domain.room import MAX_NAME_CHARS
from rtcstack.errors import Invalid

AnyRequest = Request[Any, Any, Any]
SAFE = frozenset({"GET", "HEAD"})


class Fields:
    """Text, without the blanks around it; a box that is checked is any text."""

    def __init__(
        self, given: Mapping[str, Any] | None = None, lists: Mapping[str, list[str]] | None = None
    ) -> None:
        self._given = {name: value for name, value in (given or {}).items() if isinstance(value, str)}
        self._lists = lists or {}

    def text(self, name: str) -> str:
        return self.secret(name).strip()

    def secret(self, name: str) -> str:
        """Return it with the blanks around it."""
        return self._given.get(name, "")

    def all(self, name: str) -> list[str]:
        """Return every value of that name."""
        return self._lists.get(name, [])

    def line(self, name: str, what: str) -> str:
        """Return a name for something: one line that can be seen. Raises `Invalid`."""
        text = self.text(name)
        if not text or len(text) > MAX_NAME_CHARS or not text.isprintable():
            raise Invalid(f"{what} has 1 to {MAX_NAME_CHARS} characters, in one line.", field=name)
        return text

    def whole(self, name: str, what: str, *, least: int, most: int) -> int | None:
        """Return a whole number, None for an empty field. Raises `Invalid`."""
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            raise Invalid(f"{what} is a whole number from {least} to {most}.", field=name)
        return int(text)


def asked(request: AnyRequest, name: str) -> str:
    """Return the value of that name in the address; none is empty."""
    return str(request.query_params.get(name, "")).strip()


async def form_fields(request: AnyRequest) -> Fields:
    if request.method in SAFE:
        return Fields()
    form = await request.form()
    lists = {name: [one for one in form.getall(name) if isinstance(one, str)] for name in form}
    return Fields(dict(form), lists)
