"""Who may read the secrets and the data, and whether all of it belongs to one user."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene
from rtcstack.settings.loading import config_file
from rtcstack.settings.tree import PREFIX

_OTHERS = stat.S_IRWXO
_NOT_OWNER = stat.S_IRWXG | stat.S_IRWXO
_FILE = "_FILE"
_PAGE = "docs/operations/secrets.md"


@dataclass(frozen=True, slots=True)
class Owned:
    """A file or folder of the appliance: whose it is, and who may do what."""

    path: Path
    user_id: int
    mode: int
    is_secret: bool = False
    """Nobody but the owner may read it."""


@dataclass(frozen=True)
class Rights:
    data: Owned | None = None
    """None while there is no data folder."""
    inside: tuple[Owned, ...] = ()
    given: tuple[Owned, ...] = ()
    """Files with secrets that settings name, and the configuration file."""
    may_write: bool = True
    user_id: int = 0
    """Who asks."""


async def look(scene: Scene) -> Rights:
    data = scene.settings.data
    given = tuple(_owned(file, is_secret=True) for file in _given(scene))
    if not data.is_dir():
        return Rights(given=given, user_id=os.geteuid())
    inside = [_owned(path, is_secret=_is_secret(path)) for path in sorted(_entries(scene))]
    return Rights(_owned(data), tuple(inside), given, os.access(data, os.W_OK | os.X_OK), os.geteuid())


def _entries(scene: Scene) -> Iterator[Path]:
    """Yield what lies in the data folder, and of the folders of secrets and databases each file; not the recordings."""
    own = scene.settings
    yield from (path for path in own.data.iterdir() if not path.is_symlink())
    for folder in (own.secrets_path, own.data / "logs"):
        if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
            yield from (path for path in folder.iterdir() if path.is_file())


def _is_secret(path: Path) -> bool:
    return path.name == "secrets" or path.parent.name == "secrets" or path.name.startswith("rtcstack.db")


def _given(scene: Scene) -> Iterator[Path]:
    named = (Path(v) for n, v in scene.environ.items() if n.startswith(PREFIX) and n.endswith(_FILE))
    yield from (file for file in named if file.is_file())
    if not any(not fault.path for fault in scene.faults) and (file := config_file(scene.environ)):
        words = file.read_text(encoding="utf-8", errors="replace").lower()
        if any(word in words for word in ("secret", "password", "token")):
            yield file


def _owned(path: Path, *, is_secret: bool = False) -> Owned:
    now = path.stat()
    return Owned(path, now.st_uid, stat.S_IMODE(now.st_mode), is_secret)


def readers(_: Scene, rights: Rights) -> Iterator[Verdict]:
    inside = [one for one in rights.inside if one.is_secret and one.mode & _NOT_OWNER]
    # What was given may lie in a secret store of its own, as a container's do: there only the world is too much.
    given = [one for one in rights.given if one.mode & _OTHERS]
    for one in (*inside, *given):
        yield wrong(
            f"{one.path} can be read by others (mode {one.mode:04o})",
            cause="it was copied or restored without its mode; whoever reads it can sign tokens or open recordings",
            cure=f"Take it from them; if others have read it, make a new secret:\n  chmod {'go=' if one in inside else 'o='} {one.path}",
            page=_PAGE,
        )
    if not inside and not given:
        yield fine("secrets and database are for their owner alone")


def folder(_: Scene, rights: Rights) -> Iterator[Verdict]:
    data = rights.data
    if data is None:
        return
    if not rights.may_write:
        yield wrong(
            f"{data.path} cannot be written by this user (id {rights.user_id}); it belongs to user {data.user_id}",
            cause="the appliance was started as another user before, or the folder was copied as root",
            cure=f"Run it as its owner, or give it to this user:\n  sudo chown -R {rights.user_id} {data.path}",
        )
    elif data.mode & (_OTHERS | stat.S_IWGRP):
        yield doubtful(
            f"{data.path} can be entered by others (mode {data.mode:04o})",
            cause="it was there before the first start, which leaves permissions as they are",
            cure=f"Close it:\n  chmod 0700 {data.path}",
        )
    else:
        yield fine(f"{data.path} is for its owner (user {data.user_id})")


def owner(_: Scene, rights: Rights) -> Iterator[Verdict]:
    data = rights.data
    if data is None:
        return
    foreign = [one for one in rights.inside if one.user_id != data.user_id]
    if not foreign:
        yield fine("everything in it belongs to the same user")
        return
    more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
    yield wrong(
        f"{foreign[0].path}{more} belongs to user {foreign[0].user_id}, the data folder to user {data.user_id}",
        cause="a command was run with sudo, or as root, once: the appliance cannot write these any more",
        cure=f"Give all of it to one user:\n  sudo chown -R {data.user_id} {data.path}",
    )


FAMILY = Family("secrets", look, {"readers": readers, "folder": folder, "owner": owner})
