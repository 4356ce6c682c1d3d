"""The docs name every setting, route, command and error that the product has."""

import re
from pathlib import Path

import pytest
from litestar import Litestar
from pydantic import BaseModel

from rtcstack.app import create_app
from rtcstack.cli.main import app as commands
from rtcstack.settings import Settings, load

_DOCS = Path(__file__).parents[3] / "docs"


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


def test_every_command_is_documented() -> None:
    text = (_DOCS / "cli.md").read_text(encoding="utf-8")
    names = [
        c.name or c.callback.__name__ for c in commands.registered_commands if not c.hidden and c.callback
    ]
    assert names
    for name in [*names, *(group.name or "" for group in commands.registered_groups)]:
        assert f"`rtcstack {name}" in text, name


def test_links_between_pages_lead_somewhere() -> None:
    for page in [_DOCS.parent / "README.md", *_DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
