"""The database as the rest of the code sees it: plain SQL with `:name` parameters, rows as mappings.

Inside a transaction nothing but the database is awaited: there is one writer for the whole product.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Row = Mapping[str, Any]


class Reader(Protocol):
    async def all(self, sql: str, **params: Any) -> Sequence[Row]: ...

    async def find(self, sql: str, **params: Any) -> Row | None:
        """Return the first row, or None."""
        ...

    async def look_up(self, sql: str, **params: Any) -> Row | None:
        """Return the one row of a unique key, or None: for statements that read a few pages and never scan.

        An adapter may answer without giving way to other work.
        """
        ...


class Tx(Reader, Protocol):
    async def execute(self, sql: str, **params: Any) -> int:
        """Run a statement and return the number of rows it changed."""
        ...


class UniqueViolation(Exception):  # it states a fact that callers handle, not a fault
    """A row with that unique value is there already."""


class Database(Reader, Protocol):
    """Reads go to read-only connections and see the last commit; writes go through the one writer."""

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """Begin immediately, commit on leaving, roll back on any exception.

        Raises:
            UniqueViolation: from a statement inside.
            DiskFull: when the file system is full; nothing is committed.
        """
        ...
