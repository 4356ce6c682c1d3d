"""The checksum of a recording's bytes, as one word.

    {64 hex}            SHA-256 of all bytes
    {64 hex}/{block}    SHA-256 of the SHA-256 digests, one behind the other, of every `block` bytes; the last are fewer

The second can be told of a file that is uploaded while it is written and gets its first bytes last, without reading it
once more (docs/decisions/0024). Each says how it was made, so whoever compares needs nothing else.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final, Protocol

_WORD: Final = re.compile(r"[0-9a-f]{64}(?:/([1-9][0-9]{0,11}))?\Z")


class Hasher(Protocol):
    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""
        ...

    def word(self) -> str:
        """Return the checksum of all bytes so far."""
        ...


class _Whole:
    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, data: bytes, /) -> None:
        self._digest.update(data)

    def word(self) -> str:
        return self._digest.hexdigest()


class _Blocks:
    def __init__(self, block_bytes: int) -> None:
        self._block_bytes = block_bytes
        self._of_digests = hashlib.sha256()
        self._block = hashlib.sha256()
        self._left = block_bytes

    def update(self, data: bytes, /) -> None:
        view = memoryview(data)
        while view:
            taken, view = view[: self._left], view[self._left :]
            self._block.update(taken)
            self._left -= len(taken)
            if not self._left:
                self._of_digests.update(self._block.digest())
                self._block, self._left = hashlib.sha256(), self._block_bytes

    def word(self) -> str:
        whole = self._of_digests.copy()
        if self._left < self._block_bytes:
            whole.update(self._block.digest())
        return f"{whole.hexdigest()}/{self._block_bytes}"


def is_checksum(word: str | None) -> bool:
    """Whether this is a checksum of ours, and not the tag that a store gave to what another recorder uploaded."""
    return _WORD.match(word or "") is not None


def hasher_like(word: str | None) -> Hasher:
    """Return what makes a checksum of the same kind; SHA-256 of all bytes for what is none."""
    found = _WORD.match(word or "")
    return _Blocks(int(found[1])) if found and found[1] else _Whole()


def of_blocks(digests: Iterable[bytes], block_bytes: int) -> str:
    """Return the checksum of a file by the SHA-256 digests of its blocks, in order."""
    return f"{hashlib.sha256(b''.join(digests)).hexdigest()}/{block_bytes}"
