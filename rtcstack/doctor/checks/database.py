"""The database: whole, of a version that this rtcstack can use, and its secrets within reach."""

import shlex
from collections.abc import Iterator

from rtcstack.appliance.hints import shown
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene
from rtcstack.ports.doctor import DatabaseState

_BACKUP = "docs/operations/backup.md"
_SECRETS = "docs/operations/secrets.md"


async def look(scene: Scene) -> DatabaseState | None:
    return await scene.outside.database()


def integrity(scene: Scene, state: DatabaseState | None) -> Iterator[Verdict]:
    path = scene.settings.database_path
    if state is None:
        yield fine(f"there is no database {path} yet; the first start makes it")
        return
    if state.faults:
        yield wrong(
            f"{path} is damaged: {state.faults[0]}",
            cause="the disk, or a file system that SQLite cannot rely on, lost or changed what was written",
            cure=_restore(scene),
            page=_BACKUP,
        )
    elif not state.is_checked_whole:
        yield doubtful(
            f"{path} ({state.size_bytes // 1_000_000} MB) was not looked at as a whole",
            cause="it is large, and only half a minute was taken for it; no fault was seen until then",
            cure=f"Look at all of it when there is time:\n  sqlite3 'file:{path}?mode=ro' 'PRAGMA quick_check'",
        )
    else:
        yield fine(f"{path} is whole ({state.size_bytes / 1_000_000:.1f} MB)")


def _restore(scene: Scene) -> str:
    """Return how a backup comes in the place of what is damaged, which is kept; files and keys beside it stay where they are."""
    path = scene.settings.database_path
    if scene.is_apart:
        return f"Look at the disk, stop the API, move {path}, {path.name}-wal and {path.name}-shm aside, and restore the newest backup."
    kept, moved = (shlex.quote(shown(one)) for one in (path.with_name("damaged"), path))
    return (
        "Look at the disk, move the database aside, and restore the newest backup in its place:\n"
        f"  {scene.command('down')}\n  mkdir {kept} && mv {moved}* {kept}/\n  {scene.command('restore WHERE')}"
    )


def schema(scene: Scene, state: DatabaseState | None) -> Iterator[Verdict]:
    if state is None or state.faults:
        return
    if state.schema_fault:
        yield wrong(
            state.schema_fault,
            cause="an older version of rtcstack was put in place of a newer one",
            cure="Start the newer version again, or restore a backup that this one made.",
            page=_BACKUP,
        )
    elif state.waiting and scene.is_up:
        yield doubtful(
            f"{state.waiting} migrations are not applied",
            cause="the program was replaced and its older self still runs",
            cure=f"Start everything again:\n{scene.restart}",
        )
    else:
        later = f", {state.waiting} more at the next start" if state.waiting else ""
        yield fine(f"{state.applied} migrations applied{later}")


def key(_: Scene, state: DatabaseState | None) -> Iterator[Verdict]:
    if state is None or state.faults or state.schema_fault:
        return
    if state.key_fault:
        yield wrong(
            state.key_fault,
            cause="secrets/sealing_key of the data folder was not moved or restored with the database, or the setting is another",
            cure="Bring the key back: RTCSTACK_SEALING__KEY_FILE, or secrets/sealing_key from the old machine or the backup.",
            page=_SECRETS,
        )
    else:
        yield fine("the keys that its secrets are sealed with are here")


FAMILY = Family("database", look, {"integrity": integrity, "schema": schema, "key": key})
