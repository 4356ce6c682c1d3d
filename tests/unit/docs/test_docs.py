"""The docs name every setting, route, command and error that the product has."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from pydantic import BaseModel
from typer.main import get_command

from rtcstack.app import create_app
from rtcstack.cli.main import app as commands
from rtcstack.settings import Settings, load

_DOCS = Path(__file__).parents[3] / "docs"
_WORD = re.compile(r"[a-z][a-z-]*")


def _names(model: type[BaseModel], prefix: str = "RTCSTACK_") -> list[str]:
    names = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += _names(kind, f"{prefix}{name.upper()}__")
        else:
            names.append(prefix + name.upper())
    return names


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    secret = {"RTCSTACK_LIVEKIT__API_KEY": "k", "RTCSTACK_LIVEKIT__API_SECRET": "s"}
    return create_app(load(secret, data=tmp_path_factory.mktemp("data")))


def test_every_setting_is_documented_and_nothing_else() -> None:
    text = (_DOCS / "configuration.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(RTCSTACK_\w+)`", text, re.MULTILINE) == _names(Settings)


def test_every_route_is_documented(api: Litestar) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (_DOCS / "api").glob("*.md"))
    for path, item in (api.openapi_schema.paths or {}).items():
        for method in ("get", "post", "put", "patch", "delete"):
            if getattr(item, method):
                assert f"{method.upper()} {path}" in text, f"{method.upper()} {path}"


def _commands(command: Any, words: str = "rtcstack") -> Iterator[tuple[str, set[str]]]:
    """Yield what is typed for each command, and its options."""
    if not hasattr(command, "commands"):
        yield words, {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
        return
    for name, one in command.commands.items():
        if not one.hidden:
            yield from _commands(one, f"{words} {name}")


def test_every_command_is_documented_with_its_options_and_nothing_else() -> None:
    text = (_DOCS / "cli.md").read_text(encoding="utf-8")
    usages = [usage.replace("[take]", "take") for usage in re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)]
    told = {
        " ".join(takewhile(_WORD.fullmatch, usage.split())): set(re.findall(r"--[a-z-]+", usage))
        for usage in usages
    }
    there = {
        words: {one for one in options if one.startswith("--") and one != "--data"}
        for words, options in _commands(get_command(commands))
    }
    assert len(told) == len(usages)
    assert told == there


def test_links_between_pages_lead_somewhere() -> None:
    for page in [_DOCS.parent / "README.md", *_DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
