"""`rtcstack admin`: users of the dashboard."""

import asyncio
import json
from contextvars import copy_context
from pathlib import Path

from typer.testing import CliRunner, Result

from rtcstack.bootstrap_access import open_admin_users
from rtcstack.cli.main import app
from rtcstack.domain.admin_user import check_password
from rtcstack.settings import load


def _run(data: Path, *words: str, typed: str | None = None) -> str:
    ran = _ran(data, *words, typed=typed)
    assert ran.exit_code == 0, ran.output
    return ran.output


def _ran(data: Path, *words: str, typed: str | None) -> Result:
    """Run it in a context of its own: a command notes there who acts."""
    argv = ["admin", *words, "--data", str(data)]
    return copy_context().run(CliRunner().invoke, app, argv, input=typed)


def test_the_first_user_is_made_once_and_gets_another_password_on_demand(tmp_path: Path) -> None:
    first = json.loads(_run(tmp_path, "first"))
    assert first["user"] == "admin"
    check_password(first["password"])
    assert json.loads(_run(tmp_path, "first"))["password"] is None
    again = json.loads(_run(tmp_path, "password", "--json"))
    assert again["password"] != first["password"]


def test_a_password_may_be_chosen(tmp_path: Path) -> None:
    said = _run(
        tmp_path, "password", "--user", "ada", "--ask", typed="a chosen password\na chosen password\n"
    )
    assert "a chosen password" not in said
    assert "ada has a new password" in said

    async def is_any() -> bool:
        async with open_admin_users(load({}, data=tmp_path)) as users:
            return await users.make_first() is None

    assert asyncio.run(is_any())


def test_a_password_that_is_too_short_is_refused(tmp_path: Path) -> None:
    ran = _ran(tmp_path, "password", "--ask", typed="short\nshort\n")
    assert ran.exit_code == 1
    assert "12 to 256" in ran.output
