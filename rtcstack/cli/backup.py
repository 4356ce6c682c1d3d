"""`rtcstack backup WHERE`, `rtcstack backup verify WHERE`, `rtcstack restore WHERE`."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.cli.environment import load_settings
from rtcstack.plural import counted

if TYPE_CHECKING:
    from rtcstack.domain.backup import BackupFacts
    from rtcstack.ports.backup import Shelf
    from rtcstack.services.backup.check import BackupCheck, Checked
    from rtcstack.services.backup.restore import Restore
    from rtcstack.services.backup.take import Backups

_T = TypeVar("_T")
Where = Annotated[str, typer.Argument(metavar="DIR|s3://BUCKET/PREFIX", help="Where the backups lie.")]
Name = Annotated[str | None, typer.Option("--name", help="Which of them; the newest unless given.")]


class _TakesUnlessToldOtherwise(TyperGroup):
    """`rtcstack backup WHERE` is `rtcstack backup take WHERE`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["take", *args])


app = typer.Typer(
    help="Backups of the appliance's state, and whether they are good: rtcstack backup DIR|s3://BUCKET/PREFIX",
    no_args_is_help=True,
    cls=_TakesUnlessToldOtherwise,
)


@app.command()
def take(
    where: Where,
    with_secrets: Annotated[
        bool,
        typer.Option("--with-secrets", help="Put the appliance's own secrets in as well, in the clear."),
    ] = False,
    every: Annotated[
        float | None, typer.Option(min=1, help="Go on, and make one every so many seconds.")
    ] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Remove all but the newest so many.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a backup: a consistent snapshot of the state, and the list of all objects that belong to it.

    The appliance may run meanwhile. The objects themselves are not copied: they lie in their bucket.
    """
    with suppress(KeyboardInterrupt) if every else nullcontext():
        while True:
            begun = time.monotonic()
            try:
                facts, unfinished = _take(where, data, with_secrets=with_secrets, keep=keep)
                _tell_unfinished(unfinished)
                told = {**_summary(facts), "unfinished": unfinished}
                typer.echo(json.dumps(told) if as_json else _told(facts, where))
            except typer.Exit:  # it was said; with --every the next one may succeed
                if every is None:
                    raise
            if every is None:
                return
            time.sleep(max(0.0, begun + every - time.monotonic()))


def _take(
    where: str, data: Path | None, *, with_secrets: bool, keep: int | None
) -> tuple["BackupFacts", list[str]]:
    from rtcstack.bootstrap_backup import open_backups

    async def work(service: "Backups", shelf: "Shelf") -> tuple["BackupFacts", list[str]]:
        facts = await service.take(shelf, with_secrets=with_secrets)
        if keep:
            await service.prune(shelf, keep, facts)
        return facts, list(await shelf.unfinished())

    return with_opened(data, open_backups, _on_shelf(where, data, work))


@app.command()
def verify(
    where: Where,
    name: Name = None,
    with_objects: Annotated[
        bool, typer.Option("--objects", help="Ask the stores for every listed object as well.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Read a whole backup and say whether it can be restored. Ends with status 1 if anything is wrong."""
    from rtcstack.bootstrap_backup import open_check, open_check_of_objects

    async def work(service: "BackupCheck", shelf: "Shelf") -> "Checked":
        return await service.check(shelf, name, with_objects=with_objects)

    checked = with_opened(
        data,
        open_check_of_objects if with_objects else open_check,
        _on_shelf(where, data, work),
        makes_database=not with_objects,
    )
    if as_json:
        told = {"faults": checked.faults, "objects_looked_at": checked.looked_at, "lost": checked.lost}
        typer.echo(json.dumps({**_summary(checked.facts), **told, "unfinished": list(checked.unfinished)}))
    else:
        _tell_checked(checked)
    if not checked.is_good:
        raise typer.Exit(1)


def _tell_unfinished(names: Sequence[str]) -> None:
    for name in names:
        typer.echo(
            f"{name} is not whole: it is being made right now, or was interrupted and can be removed.",
            err=True,
        )


def _tell_checked(checked: "Checked") -> None:
    _tell_unfinished(checked.unfinished)
    for line in (*checked.faults, *checked.lost):
        typer.echo(line, err=True)
    facts = checked.facts
    looked = (
        f"; {counted(checked.looked_at, 'object')} looked for, {len(checked.lost)} lost"
        if checked.looked_at
        else ""
    )
    state = "can not be restored" if checked.faults else "can be restored"
    typer.echo(f"{facts.name} {state}: {_held(facts)}{looked}.")


def _held(facts: "BackupFacts") -> str:
    return f"{counted(facts.recordings, 'recording')}, {counted(facts.objects, 'object')}"


def restore(where: Where, name: Name = None, data: Data = None, as_json: AsJson = False) -> None:
    """Bring a backup into a data folder that has no state yet; `rtcstack up` then goes on from it."""
    from rtcstack.bootstrap_backup import open_restore

    async def work(service: "Restore", shelf: "Shelf") -> "BackupFacts":
        return await service.restore(shelf, name)

    facts = with_opened(data, open_restore, _on_shelf(where, data, work), makes_database=True)
    if as_json:
        typer.echo(json.dumps(_summary(facts)))
        return
    typer.echo(f"Restored {facts.name}: {counted(facts.recordings, 'recording')}. Start it with rtcstack up.")
    if facts.keks and not facts.has_secrets:
        typer.echo(
            "Sealed secrets in it need the key of the appliance that made it, "
            f"{', '.join(facts.keks)}: put it where it was, before the start (docs/operations/backup.md)."
        )


def _on_shelf(
    where: str, data: Path | None, work: Callable[[Any, "Shelf"], Awaitable[_T]]
) -> Callable[[Any], Awaitable[_T]]:
    """Return `work` with its second argument given; the shelf is closed afterwards."""
    from rtcstack.bootstrap_backup import open_shelf

    settings = load_settings(data)

    async def with_shelf(service: Any) -> _T:
        shelf = await asyncio.to_thread(open_shelf, settings, where)
        try:
            return await work(service, shelf)
        finally:
            await shelf.close()

    return with_shelf


def _summary(facts: "BackupFacts") -> dict[str, object]:
    return {
        "name": facts.name,
        "created_at_ms": facts.created_at_ms,
        "version": facts.version,
        "bytes": sum(file.size_bytes for file in facts.files.values()),
        "recordings": facts.recordings,
        "objects": facts.objects,
        "objects_bytes": facts.objects_bytes,
        "has_secrets": facts.has_secrets,
    }


def _told(facts: "BackupFacts", where: str) -> str:
    size_bytes = sum(file.size_bytes for file in facts.files.values())
    secrets = "with" if facts.has_secrets else "without"
    return (
        f"{facts.name} is in {where}: {size_bytes} bytes, {secrets} the appliance's secrets; "
        f"{_held(facts)} of {facts.objects_bytes} bytes listed."
    )
