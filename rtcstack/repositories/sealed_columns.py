"""Every column that holds sealed texts: what the sealer seals for, and what a rotation goes through.

A new one is added to `SEALED`: the sealer refuses to seal for a place that does not stand here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack.domain.sealing import place
from rtcstack.ports.database import Reader, Tx


@dataclass(frozen=True)
class SealedColumn:
    """`row` is the primary key, in the order in which it stands in the context. Each table has a `tenant_id`."""

    table: str
    column: str
    row: tuple[str, ...] = ("id",)

    @property
    def prefix(self) -> str:
        return place(self.table, self.column, "")


@dataclass(frozen=True)
class Sealed:
    """One sealed text and where it is."""

    column: SealedColumn
    tenant_id: str
    key: tuple[str, ...]
    text: str

    @property
    def context(self) -> str:
        return place(self.column.table, self.column.column, *self.key)


SEALED = (
    SealedColumn("webhook_endpoints", "secret"),
    SealedColumn("webhook_endpoints", "old_secret"),
    SealedColumn("storages", "secret"),
    SealedColumn("idempotency_keys", "body", ("tenant_id", "key")),
)
_PREFIXES = tuple(column.prefix for column in SEALED)


def is_sealed_place(context: str) -> bool:
    return context.startswith(_PREFIXES)


async def page(
    reader: Reader, column: SealedColumn, *, after: tuple[str, ...] | None, limit: int
) -> Sequence[Sealed]:
    """Return sealed texts in the order of their rows, those after the row `after`."""
    names = ", ".join(column.row)
    sql = f"SELECT tenant_id, {names}, {column.column} AS text FROM {column.table} WHERE {column.column} IS NOT NULL"  # noqa: S608  # names of `SEALED`, nobody else's
    given = {f"after_{n}": value for n, value in enumerate(after or ())}
    if after is not None:
        sql += f" AND ({names}) > ({', '.join(f':{name}' for name in given)})"
    rows = await reader.all(f"{sql} ORDER BY {names} LIMIT :limit", limit=limit, **given)
    return [
        Sealed(column, row["tenant_id"], tuple(row[name] for name in column.row), row["text"]) for row in rows
    ]


async def count_by_key(reader: Reader, column: SealedColumn) -> Mapping[str, int]:
    """Return how many texts each key sealed: `v1.{appliance key's id}` or `v2.{data key's id}`."""
    rows = await reader.all(
        f"SELECT substr(text, 1, 3) || substr(rest, 1, instr(rest, '.') - 1) AS key, count(*) AS n FROM ("  # noqa: S608  # the same
        f"SELECT {column.column} AS text, substr({column.column}, 4) AS rest FROM {column.table}"
        f" WHERE {column.column} IS NOT NULL) AS sealed GROUP BY 1 ORDER BY 1"
    )
    return {row["key"]: row["n"] for row in rows}


async def replace(tx: Tx, sealed: Sealed, text: str) -> bool:
    """Return whether the row still held the text that `sealed` says."""
    column = sealed.column
    where = " AND ".join(f"{name} = :key_{n}" for n, name in enumerate(column.row))
    given = {f"key_{n}": value for n, value in enumerate(sealed.key)}
    changed = await tx.execute(
        f"UPDATE {column.table} SET {column.column} = :text WHERE {where} AND {column.column} = :old",  # noqa: S608  # the same
        text=text,
        old=sealed.text,
        **given,
    )
    return changed > 0
