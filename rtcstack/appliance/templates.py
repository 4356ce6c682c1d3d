"""The files in `config/`: found in a checkout and in an installed wheel, and rendered with `$name` placeholders."""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

_PACKAGE = Path(__file__).resolve().parent.parent


def find(name: str) -> Path:
    """Return the template `name`; a wheel carries the folder inside the package.

    Raises:
        FileNotFoundError: neither the wheel nor the checkout has it.
    """
    for folder in (_PACKAGE / "_config", _PACKAGE.parent / "config"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"the template config/{name} is missing from this installation")


def render(name: str, values: Mapping[str, str]) -> str:
    """Return the template with every placeholder replaced.

    Raises:
        KeyError: a placeholder without a value.
    """
    return Template(find(name).read_text(encoding="utf-8")).substitute(values)


def yaml_quoted(text: str) -> str:
    """Quote any text for YAML: JSON strings are YAML."""
    return json.dumps(text)


def redis_quoted(text: str) -> str:
    r"""Quote any text for redis.conf, where `\xHH` stands for a byte."""
    plain = set(range(0x20, 0x7F)) - {ord('"'), ord("\\")}
    return '"' + "".join(chr(byte) if byte in plain else f"\\x{byte:02x}" for byte in text.encode()) + '"'
