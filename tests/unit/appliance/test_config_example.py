"""The example names every setting, at its default."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from rtcstack.appliance import templates
from rtcstack.settings import Settings, load


def _uncommented() -> dict[str, Any]:
    text = templates.find("rtcstack.toml.example").read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE))


def _leaves(model: type[BaseModel], *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, *path, name)
        else:
            yield (*path, name), info.default


def _given(example: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in example.items():
        yield from ((name, inner) for inner in value) if isinstance(value, dict) else ((name,),)


def test_it_names_every_setting_and_no_other() -> None:
    assert set(_given(_uncommented())) == {path for path, _ in _leaves(Settings)}


def test_what_has_a_default_shows_it(tmp_path: Path) -> None:
    example = _uncommented()
    for path, default in _leaves(Settings):
        if default is None:  # an example stands there instead
            (example[path[0]] if len(path) > 1 else example).pop(path[-1])
    lines = [f"{key} = {_toml(value)}" for key, value in example.items() if not isinstance(value, dict)]
    for section, values in example.items():
        if isinstance(values, dict):
            lines += [f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]
    file = tmp_path / "rtcstack.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert load({"RTCSTACK_CONFIG": str(file)}).model_dump() == Settings().model_dump()


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
