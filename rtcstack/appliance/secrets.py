"""The secrets that the first start makes, and how they lie on the disk."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rtcstack.errors import Conflict
from rtcstack.settings import SECRETS, Settings

_LENGTH_BYTES = {"api_key": 9, "access_key": 12}
_DEFAULT_LENGTH_BYTES = 32


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step; nobody but the owner can read it at any instant."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_missing(settings: Settings) -> list[Path]:
    """Make each secret that neither the configuration nor an earlier start gave; return the new files.

    They take effect with the next `settings.load`.
    """
    made = []
    settings.secrets_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.secrets_path.chmod(0o700)
    for section, name in SECRETS:
        file = settings.secrets_path / f"{section}_{name}"
        if not getattr(getattr(settings, section), name).get_secret_value() and not file.exists():
            write_private(file, secrets.token_hex(_LENGTH_BYTES.get(name, _DEFAULT_LENGTH_BYTES)))
            made.append(file)
    return made


def kept(settings: Settings) -> dict[str, str]:
    """Return the secrets as they are in force, by the file that each lies in; those that are not set are left out."""
    values = {f"{s}_{name}": getattr(getattr(settings, s), name).get_secret_value() for s, name in SECRETS}
    return {name: value for name, value in values.items() if value}


def keep(settings: Settings, secrets_by_file: Mapping[str, str]) -> None:
    """Write secrets of another data folder into this one.

    Raises:
        Conflict: it has others of its own; nothing is written then.
    """
    folder = settings.secrets_path
    given = {f"{s}_{name}": value for s, name in SECRETS if (value := secrets_by_file.get(f"{s}_{name}"))}
    there = {
        name: (folder / name).read_text(encoding="utf-8").strip()
        for name in given
        if (folder / name).exists()
    }
    if other := sorted(name for name, value in there.items() if value != given[name]):
        raise Conflict(
            f"There are other secrets in {folder} already ({', '.join(other)}): a backup with secrets is restored into an "
            "empty data folder only. Move them away, or give another --data."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in given.keys() - there.keys():
        write_private(folder / name, given[name])
