"""Reads `config/plans.toml`: from the checkout, from an installed wheel, or the file that a setting names."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rtcstack.domain.plan import Plan, Plans
from rtcstack.domain.room import MAX_PARTICIPANTS_LIMIT
from rtcstack.settings.loading import SettingsError

_PACKAGE = Path(__file__).resolve().parents[1]
_NAME = r"^[a-z][a-z0-9-]{0,31}$"


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid")

    max_participants: int | None = Field(default=None, ge=1, le=MAX_PARTICIPANTS_LIMIT)
    simultaneous_recordings: int | None = Field(default=None, ge=1)
    stored_bytes: int | None = Field(default=None, ge=1)
    moderation: bool = False


_FILE = TypeAdapter(dict[Annotated[str, Field(pattern=_NAME)], _Limits])


def _default() -> Path:
    in_wheel = _PACKAGE / "_config" / "plans.toml"
    return in_wheel if in_wheel.is_file() else _PACKAGE.parent / "config" / "plans.toml"


def load_plans(file: Path | None = None) -> Plans:
    """Return the plans in the file's order.

    Raises:
        SettingsError: the file cannot be read, or a value in it is wrong; each is named.
    """
    file = file or _default()
    try:
        limits = _FILE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as e:
        faults = [f"{file}: {'.'.join(str(p) for p in fault['loc'])}: {fault['msg']}" for fault in e.errors()]
        raise SettingsError("\n".join(faults)) from e
    except (OSError, tomllib.TOMLDecodeError) as e:
        raise SettingsError(f"{file}: {e}") from e
    return Plans({name: Plan(name=name, **given.model_dump()) for name, given in limits.items()})
