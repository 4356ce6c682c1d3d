"""Settings for whoever has to go on although some of them are wrong: `rtcstack doctor`."""

from collections.abc import Mapping
from pathlib import Path

from rtcstack.settings.loading import Fault, SettingsError, load
from rtcstack.settings.tree import PREFIX, Settings


def load_leniently(
    environ: Mapping[str, str], *, data: Path | None = None
) -> tuple[Settings, tuple[Fault, ...]]:
    """Return the settings without what is wrong in them, each such value as if it were not given, and what was wrong.

    Raises:
        SettingsError: the data folder's secrets cannot be read: nothing can be left out that would help.
    """
    given, without, has_file = dict(environ), set[tuple[str, ...]](), True
    found: dict[str, Fault] = {}
    while True:
        try:
            settings = load(given, data=data, has_file=has_file, without=without)
        except SettingsError as e:
            new = [fault for fault in e.faults if fault.path not in without]
            found.update((fault.name, fault) for fault in new)
            without |= {fault.path for fault in new if fault.path}
            unread = [fault.name for fault in new if not fault.path]
            if not new or (unread and not has_file):  # nothing more can be left out one by one
                kept = {name: value for name, value in given.items() if not name.startswith(PREFIX)}
                if kept == given:
                    raise
                given = kept
            # What is no name in the environment is the file's.
            has_file = has_file and all(given.pop(name, None) is not None for name in unread)
        else:
            return settings, tuple(found.values())
