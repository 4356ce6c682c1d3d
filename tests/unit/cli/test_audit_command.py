"""`rtcstack audit`, on a data folder."""

from pathlib import Path

from tests.unit.cli.test_tenants import Command


def test_it_shows_what_the_operator_did(tmp_path: Path) -> None:
    command = Command(tmp_path)
    key = command.json("keys", "create", "--tenant", "acme")
    command.run("tenants", "set-plan", "acme", "free")
    shown = command.json("audit", "--tenant", "acme")
    assert [(e["action"], e["object_id"]) for e in shown] == [
        ("tenant.plan", "acme"),
        ("key.create", key["id"]),
        ("tenant.create", "acme"),
    ]
    assert {e["actor"]["type"] for e in shown} == {"operator"}
    assert command.json("audit", "--since", "2999-01-01") == []
    assert command.json("audit", "--action", "key.create", "--limit", "1")[0]["id"] == shown[1]["id"]
    assert [e["action"] for e in command.json("audit", "--object", key["id"])] == ["key.create"]
    lines = command.run("audit").stdout.splitlines()
    assert len(lines) == 3
    assert "acme  tenant.plan  acme  by operator  plan=free" in lines[0]
    assert key["key"] not in command.run("audit", "--json").stdout
