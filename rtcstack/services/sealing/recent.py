"""A bounded memory of what was used last."""

from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """The `size` entries used last; an older one is forgotten."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[_K, _V] = {}

    def find(self, key: _K) -> _V | None:
        value = self._entries.pop(key, None)
        if value is not None:
            self._entries[key] = value  # the last one in the dictionary's order is the last one used
        return value

    def put(self, key: _K, value: _V) -> None:
        self._entries.pop(key, None)
        self._entries[key] = value
        if len(self._entries) > self._size:
            del self._entries[next(iter(self._entries))]
