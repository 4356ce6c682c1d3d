"""`rtcstack tenants` and `rtcstack keys`, as commands on a data folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import outer_environment


class Command:
    def __init__(self, data: Path) -> None:
        self._data = data

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "rtcstack", *words, "--data", str(self._data)]
        return subprocess.run(
            argv, env=outer_environment(), capture_output=True, text=True, timeout=60, check=False
        )

    def json(self, *words: str) -> Any:
        ran = self.run(*words, "--json")
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def refused(self, *words: str) -> str:
        """Return the one line that says why."""
        ran = self.run(*words)
        assert (ran.returncode, ran.stdout) == (1, "")
        [line] = ran.stderr.splitlines()
        return line


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_a_tenant_is_made_listed_and_moved_to_another_plan(command: Command) -> None:
    made = command.json("tenants", "create", "acme", "--plan", "growth")
    assert set(made) == {"tenant", "plan", "created_at", "deleted_retention"}
    assert (made["tenant"], made["plan"]) == ("acme", "growth")
    assert command.json("tenants", "create", "acme", "--plan", "growth") == made
    assert command.json("tenants", "create", "acme") == made
    for words in (("tenants", "create", "acme"), ("keys", "create", "--tenant", "acme")):
        assert command.refused(*words, "--plan", "free") == (
            "There is a tenant acme already, on the plan growth; `rtcstack tenants set-plan acme free` changes that."
        )
    assert command.json("keys", "create", "--tenant", "acme")["tenant"] == "acme"
    assert command.json("tenants", "set-plan", "acme", "scale") == {"tenant": "acme", "plan": "scale"}
    assert [(t["tenant"], t["plan"]) for t in command.json("tenants", "list")] == [("acme", "scale")]
    shown = command.run("tenants", "list").stdout.splitlines()
    assert shown == [f"acme  scale  made {made['created_at']}"]


def test_what_cannot_be_is_refused_in_words(command: Command) -> None:
    for words in (
        ("tenants", "create", "acme", "--plan", "gold"),
        ("tenants", "set-plan", "acme", "gold"),
        ("keys", "create", "--tenant", "acme", "--plan", "gold"),
    ):
        assert command.refused(*words) == (
            "There is no plan 'gold'; there are free, growth, scale, self-hosted."
        )
    assert command.refused("tenants", "set-plan", "nobody", "free") == "There is no tenant nobody."
    assert "lower-case" in command.refused("tenants", "create", "Acme Inc")
    assert command.json("tenants", "list") == []


def test_a_key_makes_its_tenant_with_the_plan(command: Command) -> None:
    key = command.json("keys", "create", "--tenant", "acme", "--plan", "free")
    assert set(key) == {"tenant", "key", "id"}
    assert [(t["tenant"], t["plan"]) for t in command.json("tenants", "list")] == [("acme", "free")]


def test_a_tenants_retention_is_set_in_days_or_for_ever(command: Command) -> None:
    assert command.json("tenants", "create", "acme")["deleted_retention"] == "default"
    told = command.json("tenants", "set-retention", "acme", "forever")
    assert told == {"tenant": "acme", "deleted_retention": "forever"}
    told = command.run("tenants", "set-retention", "acme", "14")
    assert told.stdout == "Data of acme's deleted recordings is kept: 14 days.\n"
    [listed] = command.json("tenants", "list")
    assert listed["deleted_retention"] == 14
    assert command.run("tenants", "set-retention", "acme", "a week").returncode == 2


def test_keys_are_told_by_the_names_that_they_are_given(command: Command) -> None:
    command.json("keys", "create", "--name", "The relay")
    command.json("keys", "create")
    assert [key["name"] for key in command.json("keys", "list")] == ["The relay", ""]
    first, second = command.run("keys", "list").stdout.splitlines()
    assert first.endswith("  live  “The relay”")
    assert second.endswith("  live")
