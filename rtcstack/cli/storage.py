"""`rtcstack storage move`."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.plural import counted

if TYPE_CHECKING:
    from rtcstack.domain.recording import Recording
    from rtcstack.services.storage.move import Moved, StorageMove

app = typer.Typer(help="Tenants' buckets: move recordings to another one.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `move` a command of a group, although it is the only one."""


@app.command()
def move(
    tenant: Annotated[str, typer.Option(help="Whose recordings.")],
    delete_originals: Annotated[
        bool,
        typer.Option(
            "--delete-originals",
            help="Delete what was left behind, by earlier runs as well. It stays otherwise.",
        ),
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy a tenant's recordings, with clips and previews, to the bucket that is set for it now.

    Each copy is read back and compared before its recording is switched to it. The appliance may run meanwhile. A run
    that was cut off is taken up by the next one.
    """
    from rtcstack.bootstrap import open_storage_move

    async def work(service: "StorageMove") -> "Moved":
        return await with_bar(service, tenant, delete_originals=delete_originals)

    done: Moved = with_opened(data, open_storage_move, work)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        _tell(done)
    if not done.is_all:
        raise typer.Exit(1)


async def with_bar(service: "StorageMove", tenant: str, *, delete_originals: bool) -> "Moved":
    from rich.console import Console
    from rich.filesize import decimal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    plan = await service.plan(tenant)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    begun: set[str] = set()
    copied_bytes = 0
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(
            f"{counted(plan.recordings, 'recording')} to {plan.bucket}", total=plan.recordings
        )

        def show(recording: "Recording", size_bytes: int) -> None:
            nonlocal copied_bytes
            begun.add(recording.id)
            copied_bytes += size_bytes
            told = f"{recording.room_id} to {plan.bucket}, {decimal(copied_bytes)}"
            bar.update(task, completed=len(begun), description=told)

        return await service.move(tenant, show, delete_originals=delete_originals)


def _tell(done: "Moved") -> None:
    moved, deleted = counted(done.recordings, "recording"), counted(done.deleted, "original")
    typer.echo(f"{moved} moved, {counted(done.bytes, 'byte')}; {deleted} deleted.")
    if done.busy:
        typer.echo(f"{counted(done.busy, 'recording')} in work: run this again.", err=True)
    if done.unfinished:
        typer.echo(
            f"{counted(done.unfinished, 'recording')} not finished yet: run this again later.", err=True
        )
    for failure in done.failures:
        typer.echo(failure, err=True)
