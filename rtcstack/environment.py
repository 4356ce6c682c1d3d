"""Where a process of the product takes its environment, and its settings from it."""

import os
from collections.abc import Mapping
from pathlib import Path

from rtcstack.settings import Settings, load

ENVIRON: Mapping[str, str] = os.environ  # noqa: TID251 - the one place where the process's environment is taken


def load_settings(data: Path | None = None) -> Settings:
    """Return the settings, the data folder made absolute and free of links.

    Raises:
        SettingsError: with every fault at once.
    """
    settings = load(ENVIRON, data=data)
    return settings.model_copy(update={"data": settings.data.expanduser().resolve()})
