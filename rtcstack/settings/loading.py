"""Where the values come from: environment, configuration file, data folder, in that order."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource
from pydantic_settings.sources.utils import parse_env_vars

from rtcstack.settings.names import meant, names
from rtcstack.settings.origins import Origins, origins_of
from rtcstack.settings.tree import PREFIX, Settings
from rtcstack.settings.wording import wanted

_FILE = "_FILE"
NOT_SETTINGS = frozenset(
    {
        "RTCSTACK_CONFIG",
        "RTCSTACK_CONTROL_FD",
        "RTCSTACK_DEMO_CALLED_BACK_BY",
        "RTCSTACK_DEMO_EDGE",
        "RTCSTACK_DEMO_KEY",
    }
)
"""Names in the environment that mean something else."""


_DEPTH = 2
"""Section and name: what lies deeper is a value's own."""
_MAY_BE_SECRET = re.compile("SECRET|KEY|TOKEN|PASSWORD|CREDENTIALS")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one setting. `path` leads to it in the tree; empty where a file could not be read."""

    name: str
    text: str
    path: tuple[str, ...] = ()
    is_unknown: bool = False


class SettingsError(Exception):
    """Every fault found, one a line, each with the name of the setting; `faults` where it was told one by one."""

    def __init__(self, text: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(text)
        self.faults = tuple(faults)


SECRETS = (
    ("livekit", "api_key"),
    ("livekit", "api_secret"),
    ("redis", "password"),
    ("storage", "access_key"),
    ("storage", "secret_key"),
    ("sealing", "key"),
)
"""The secrets that the first start makes: each lies in `{data}/secrets/{section}_{name}`."""


class _Environ(EnvSettingsSource):
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return parse_env_vars(
            self._environ, self.case_sensitive, self.env_ignore_empty, self.env_parse_none_str
        )


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Replace each `X_FILE` by `X` with what the file holds."""
    out = {k: v for k, v in environ.items() if k.startswith(PREFIX) and not k.endswith(_FILE)}
    for key, value in environ.items():
        if key.startswith(PREFIX) and key.endswith(_FILE):
            try:
                out[key.removesuffix(_FILE)] = Path(value).read_text(encoding="utf-8").strip()
            except OSError as e:
                raise _one(key, f"cannot read {value}: {e.strerror}") from e
    if bucket := environ.get("MINIO_BUCKET"):
        out.setdefault("RTCSTACK_STORAGE__BUCKET", bucket)
    return {key: value for key, value in out.items() if key not in NOT_SETTINGS}


def _unknown(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the names that no setting begins with: the source reads the known ones only and would pass them over."""
    names = {key: key.removeprefix(PREFIX).lower() for key in environ}
    return {
        name: environ[key]
        for key, name in names.items()
        if name.partition("__")[0] not in Settings.model_fields
    }


def _merge(low: dict[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return merged


def config_file(environ: Mapping[str, str]) -> Path | None:
    """Return the configuration file that counts; raises `SettingsError` if the one that was named is not there."""
    if named := environ.get("RTCSTACK_CONFIG"):
        if not Path(named).is_file():
            raise _one("RTCSTACK_CONFIG", f"there is no file {named}")
        return Path(named)
    default = Path("config/rtcstack.toml")
    return default if default.is_file() else None


def _stored_secrets(data: Path) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    for section, name in SECRETS:
        file = data / "secrets" / f"{section}_{name}"
        if file.is_file():
            stored.setdefault(section, {})[name] = file.read_text(encoding="utf-8").strip()
    return stored


def _check_lists(given: Mapping[str, str]) -> None:
    """Raises `SettingsError` with the names of lists that are not written as one: the source tells only the section."""
    faults = []
    for name in given.keys() & set(names(is_list=True)):
        try:
            json.loads(given[name])
        except ValueError:
            faults.append(Fault(name, 'this is a list: write it as JSON, ["one", "another"]'))
    if faults:
        raise SettingsError("\n".join(f"{fault.name}: {fault.text}" for fault in faults), faults)


def _one(name: str, text: str) -> SettingsError:
    return SettingsError(f"{name}: {text}", [Fault(name, text)])


def _faults(error: ValidationError, origins: Origins) -> SettingsError:
    faults = []
    for fault in error.errors():
        path = tuple(str(part) for part in fault["loc"][:_DEPTH])
        name = PREFIX + "__".join(path).upper()
        is_unknown = fault["type"] == "extra_forbidden"
        told = not is_unknown and fault["type"] != "missing" and not _MAY_BE_SECRET.search(name)
        given = f" (given: {fault['input']!r})" if told else ""
        said = wanted(fault, path, shows=told) + given
        text = _no_such(name, path, origins) if is_unknown else said
        faults.append(Fault(name, text, path, is_unknown))
    faults = list(
        dict.fromkeys(faults)
    )  # a network that is none is neither of IPv4 nor of IPv6: one sentence says both
    return SettingsError("\n".join(f"{origins.place(fault.name)}: {fault.text}" for fault in faults), faults)


def _no_such(name: str, path: tuple[str, ...], origins: Origins) -> str:
    instead = meant(name, path, is_in_file=origins.of(name) == "file")
    return f"there is no such setting{f'; did you mean {instead}?' if instead else ''}"


def _without(layers: dict[str, Any], paths: Collection[tuple[str, ...]]) -> dict[str, Any]:
    """Return the tree without what the paths lead to; a path may go deeper than the tree does, into a list."""
    kept = {}
    for name, value in layers.items():
        below = [path[1:] for path in paths if path[0] == name]
        if not below:
            kept[name] = value
        elif isinstance(value, dict) and all(below):
            kept[name] = _without(value, below)
    return kept


def load(
    environ: Mapping[str, str],
    *,
    data: Path | None = None,
    has_file: bool = True,
    without: Collection[tuple[str, ...]] = (),
) -> Settings:
    """Read the settings from `environ`, the configuration file and the data folder.

    `has_file` says whether there may be a file, `without` which values are left out as if they were not given: for
    whoever has to go on although they are wrong.

    Raises:
        SettingsError: with every fault at once.
    """
    file = config_file(environ) if has_file else None
    origins = Origins()
    try:
        layers: dict[str, Any] = dict(TomlConfigSettingsSource(Settings, file)()) if file else {}
        given = _with_files(environ)
        origins = origins_of(PREFIX, given, layers, file)
        _check_lists(given)
        layers = _merge(layers, {**_unknown(given), **_Environ(given)()})
        if data is not None:
            layers["data"] = data
        layers = _without(layers, without)
        made = Settings(**_merge(_stored_secrets(Path(str(layers.get("data", "data")))), layers))
    except ValidationError as e:
        raise _faults(e, origins) from e
    except (ValueError, OSError) as e:
        raise _one(str(file or "environment"), str(e)) from e
    made.note_origins(origins)
    return made
