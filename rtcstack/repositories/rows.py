"""Many rows in one statement: a call to the database costs more than the rows do."""

from collections.abc import Mapping, Sequence
from typing import Any


def values(rows: Sequence[Sequence[Any]]) -> tuple[str, Mapping[str, Any]]:
    """Return `(:v0_0, :v0_1), (:v1_0, …)` for a VALUES list, and its parameters."""
    names = [[f"v{n}_{m}" for m in range(len(row))] for n, row in enumerate(rows)]
    text = ", ".join(f"({', '.join(f':{name}' for name in row)})" for row in names)
    given = {
        name: value
        for row_names, row in zip(names, rows, strict=True)
        for name, value in zip(row_names, row, strict=True)
    }
    return text, given
