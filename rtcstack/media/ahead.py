"""An iterator that is a few steps ahead of whoever takes from it, in a thread of its own."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

_T = TypeVar("_T")
_END: Final = object()


@contextmanager
def ahead(items: Iterator[_T], most: int) -> Iterator[Iterator[_T]]:
    """Give the items in order, up to `most` of them made before they are asked for.

    What making one raises is raised where that one would be taken. No item is being made when the block is left.
    """
    making = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    try:
        yield _taken(making, items, most)
    finally:
        making.shutdown(cancel_futures=True)


def _taken(making: ThreadPoolExecutor, items: Iterator[_T], most: int) -> Iterator[_T]:
    waiting = deque(making.submit(next, items, _END) for _ in range(most))
    while (item := waiting.popleft().result()) is not _END:
        waiting.append(making.submit(next, items, _END))
        yield item  # type: ignore[misc]  # it is not the end
