"""The list of sealed columns, held against the schema."""

import sqlite3
from pathlib import Path

import pytest

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.repositories.sealed_columns import SEALED, SealedColumn, is_sealed_place

_SOUNDS_SECRET = ("secret", "password", "token", "credential", "sealed", "private")
_HASHES = {("api_keys", "secret_hash"), ("admin_users", "password_hash"), ("sessions", "token_hash")}


@pytest.fixture
def schema(tmp_path: Path) -> dict[str, dict[str, int]]:
    """Each table's columns, with their place in the primary key or 0."""
    migrate(tmp_path / "x.db")
    connection = sqlite3.connect(tmp_path / "x.db")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {t: {row[1]: row[5] for row in connection.execute(f"PRAGMA table_info({t})")} for t in tables}
    connection.close()
    return columns


@pytest.mark.parametrize("sealed", SEALED, ids=lambda sealed: sealed.prefix)
def test_each_is_in_the_schema_and_found_by_its_primary_key(
    schema: dict[str, dict[str, int]], sealed: SealedColumn
) -> None:
    columns = schema[sealed.table]
    assert {sealed.column, "tenant_id"} <= set(columns)
    assert sealed.row == tuple(sorted((name for name in columns if columns[name]), key=columns.__getitem__))


def test_every_column_that_sounds_secret_is_sealed_or_a_hash(schema: dict[str, dict[str, int]]) -> None:
    found = {(t, c) for t, columns in schema.items() for c in columns if any(w in c for w in _SOUNDS_SECRET)}
    assert len(found) >= 3
    assert found - _HASHES <= {(sealed.table, sealed.column) for sealed in SEALED}


def test_a_place_is_known_by_table_and_column() -> None:
    assert is_sealed_place("storages|secret|sto_1")
    assert not is_sealed_place("storages|secret")
    assert not is_sealed_place("storages|secrets|sto_1")
