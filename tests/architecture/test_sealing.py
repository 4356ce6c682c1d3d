"""The sealer may ask a vault or write a data key: never inside a transaction (docs/decisions/0003, 0013)."""

import ast
from collections.abc import Iterator
from pathlib import Path

_SERVICES = Path(__file__).parents[2] / "rtcstack" / "services"


def _calls_of_sealer(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = node.func.value
            if isinstance(holder, ast.Attribute) and holder.attr == "_sealer":
                yield node


def _is_transaction(node: ast.AST) -> bool:
    return isinstance(node, ast.AsyncWith) and any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == "transaction"
        for item in node.items
    )


def test_no_service_awaits_the_sealer_inside_a_transaction() -> None:
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in _SERVICES.rglob("*.py")}
    assert sum(1 for tree in trees.values() for _ in _calls_of_sealer(tree)) >= 5
    wrong = [
        f"{file.name}:{call.lineno}"
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if _is_transaction(node)
        for call in _calls_of_sealer(node)
    ]
    assert wrong == []
