"""Where the values come from: environment, configuration file, data folder, in that order."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource
from pydantic_settings.sources.utils import parse_env_vars

from rtcstack.settings.tree import PREFIX, Settings

_FILE = "_FILE"
_NOT_SETTINGS = frozenset(
    {
        "RTCSTACK_CONFIG",
        "RTCSTACK_CONTROL_FD",
        "RTCSTACK_DEMO_CALLED_BACK_BY",
        "RTCSTACK_DEMO_EDGE",
        "RTCSTACK_DEMO_KEY",
    }
)
"""Names in the environment that mean something else."""


_MAY_BE_SECRET = re.compile("SECRET|KEY|TOKEN|PASSWORD|CREDENTIALS")


class SettingsError(Exception):
    """Every fault found, one a line, each with the name of the setting."""


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
                raise SettingsError(f"{key}: cannot read {value}: {e.strerror}") from e
    if bucket := environ.get("MINIO_BUCKET"):
        out.setdefault("RTCSTACK_STORAGE__BUCKET", bucket)
    return {key: value for key, value in out.items() if key not in _NOT_SETTINGS}


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


def _config_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("RTCSTACK_CONFIG"):
        if not Path(named).is_file():
            raise SettingsError(f"RTCSTACK_CONFIG: there is no file {named}")
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


def _faults(error: ValidationError) -> SettingsError:
    lines = []
    for fault in error.errors():
        name = PREFIX + "__".join(str(part) for part in fault["loc"]).upper()
        told = fault["type"] not in {"extra_forbidden", "missing"} and not _MAY_BE_SECRET.search(name)
        given = f" (given: {fault['input']!r})" if told else ""
        text = "there is no such setting" if fault["type"] == "extra_forbidden" else fault["msg"]
        lines.append(f"{name}: {text}{given}")
    return SettingsError("\n".join(lines))


def load(environ: Mapping[str, str], *, data: Path | None = None) -> Settings:
    """Read the settings from `environ`, the configuration file and the data folder.

    Raises:
        SettingsError: with every fault at once.
    """
    file = _config_file(environ)
    try:
        layers: dict[str, Any] = dict(TomlConfigSettingsSource(Settings, file)()) if file else {}
        given = _with_files(environ)
        layers = _merge(layers, {**_unknown(given), **_Environ(given)()})
        if data is not None:
            layers["data"] = data
        return Settings(**_merge(_stored_secrets(Path(layers.get("data", "data"))), layers))
    except ValidationError as e:
        raise _faults(e) from e
    except (ValueError, OSError) as e:
        raise SettingsError(f"{file or 'environment'}: {e}") from e
