"""`rtcstack sealing status | rotate | forget`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.services.sealing.inventory import Inventory
from rtcstack.services.sealing.rotation import Rotated

app = typer.Typer(help="The keys that secrets in the database are sealed with.", no_args_is_help=True)


def _with_sealing(data: Path | None, work: Any) -> Any:
    from rtcstack.bootstrap import open_sealing

    return with_opened(data, open_sealing, lambda opened: work(*opened))


@app.command()
def status(data: Data = None, as_json: AsJson = False) -> None:
    """Show which key holds how much, and which of them are configured here."""
    found: Inventory = _with_sealing(data, lambda keys, _: keys.inventory())
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    typer.echo(f"Data keys are wrapped with {found.current or f'an unknown key: {found.trouble}'}")
    for use in found.uses:
        here = "" if use.is_configured else "  MISSING: its key is not configured here"
        direct = f", {use.texts} texts of an earlier release" if use.texts else ""
        typer.echo(f"  {use.kek_id}  {use.data_keys} data keys{direct}{here}")
    for column, n in found.texts.items():
        typer.echo(f"  {column}  {n} sealed")
    typer.echo(f"{found.behind} texts are not sealed under their tenant's newest data key.")


@app.command()
def rotate(
    data_keys: Annotated[
        bool, typer.Option("--data-keys", help="Make new data keys as well, and seal everything with them.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Move everything to the current key. Needs no stop; one that was cut off is taken up by the next."""
    from rich.console import Console

    with Console(stderr=True).status("Rewrapping data keys") as line:

        def show(done: Rotated) -> None:
            line.update(f"{done.rewrapped} data keys rewrapped, {done.resealed} secrets sealed anew")

        done: Rotated = _with_sealing(
            data, lambda _, rotation: rotation.rotate(with_data_keys=data_keys, on_progress=show)
        )
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        typer.echo(
            f"{done.rewrapped} data keys rewrapped with {done.kek_id}, {done.data_keys_made} made,"
            f" {done.resealed} secrets sealed anew."
        )
    for place, words in done.failed.items():
        typer.echo(f"{place}: {words}", err=True)
    if done.failed:
        raise typer.Exit(1)


@app.command()
def forget(
    kek_id: Annotated[str, typer.Argument(help="The lost key's id, as `status` shows it.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it: what is sealed under the key is gone for good.")
    ] = False,
    data: Data = None,
) -> None:
    """Give up what is sealed under a key that is lost, so that the appliance can start without it."""
    if not yes:
        typer.echo(
            "What is sealed under that key will never open again. Say --yes if it is lost for good.", err=True
        )
        raise typer.Exit(2)
    n = _with_sealing(data, lambda keys, _: keys.forget(kek_id))
    typer.echo(
        f"{n} data keys are forgotten. Tenants have to make their webhooks and set their storage anew."
    )
