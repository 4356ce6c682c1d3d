"""The names that settings have in the environment, and the one that was probably meant."""

import difflib
from collections.abc import Iterator, Sequence
from typing import get_origin

from pydantic import BaseModel

from rtcstack.settings.tree import PREFIX, Settings

_LIKE = 0.75


def names(
    model: type[BaseModel] = Settings, prefix: str = PREFIX, *, is_list: bool | None = None
) -> Iterator[str]:
    """Yield every setting as `RTCSTACK_SECTION__NAME`, in the tree's order; if asked for, only those that are lists, or are none."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from names(kind, f"{prefix}{name.upper()}__", is_list=is_list)
        elif is_list in {None, get_origin(kind) is tuple}:
            yield prefix + name.upper()


def nearest(name: str) -> str | None:
    """Return the setting whose name is most like this one; None if none is."""
    known = [known.removeprefix(PREFIX) for known in names()]
    found = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1, cutoff=_LIKE)
    return PREFIX + found[0] if found else None


def as_in_file(name: str) -> str:
    """Return how the setting is written in the file."""
    section, _, key = name.removeprefix(PREFIX).lower().rpartition("__")
    return f"`{key} = …` {f'under `[{section}]`' if section else 'above the first section'}"


def meant(name: str, path: Sequence[str], *, is_in_file: bool) -> str | None:
    """Return the setting that was probably meant, as it is written there; None if nothing is like it.

    `path` leads to the unknown name in the tree: in the file it may be the environment's.
    """
    written = path[-1].upper() if path else ""
    found = nearest(written if is_in_file and written.startswith(PREFIX) else name)
    return as_in_file(found) if found and is_in_file else found
