"""`rtcstack tenants create | list | set-plan | set-retention`."""

import json
from typing import Annotated

import typer

from rtcstack.cli.access import AsJson, Data, with_access
from rtcstack.domain.instant import iso_s
from rtcstack.domain.tenant import FOR_EVER, Tenant

app = typer.Typer(help="Tenants and their plans: make, list, change.", no_args_is_help=True)
_RETENTIONS = {"default": None, "forever": FOR_EVER}
_WORDS_OF: dict[int | None, str | int] = {days: word for word, days in _RETENTIONS.items()}
Name = Annotated[str, typer.Argument(metavar="NAME", help="The tenant's name.")]


def _row(tenant: Tenant) -> dict[str, str | int | None]:
    return {
        "tenant": tenant.id,
        "plan": tenant.plan,
        "created_at": iso_s(tenant.created_at_ms),
        "deleted_retention": _retention(tenant.deleted_retention_days),
    }


def _retention(days: int | None) -> str | int:
    """Return it as `set-retention` takes it."""
    return _WORDS_OF.get(days, days or 0)


@app.command()
def create(
    name: Name,
    plan: Annotated[
        str | None, typer.Option(help="A plan of config/plans.toml; self-hosted unless given.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a tenant; one that is there on that plan is shown, set-plan gives it another."""
    tenant = with_access(data, lambda access: access.create_tenant(name, plan), makes_database=True)
    typer.echo(json.dumps(_row(tenant)) if as_json else f"Tenant {tenant.id} has plan {tenant.plan}.")


@app.command("list")
def list_tenants(data: Data = None, as_json: AsJson = False) -> None:
    """List all tenants with their plans."""
    rows = [_row(tenant) for tenant in with_access(data, lambda access: access.list_tenants())]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['tenant']}  {row['plan']}  made {row['created_at']}")


@app.command("set-plan")
def set_plan(
    name: Name,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="A plan of config/plans.toml.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give a tenant another plan; it holds from the next call on."""
    with_access(data, lambda access: access.set_plan(name, plan))
    typer.echo(
        json.dumps({"tenant": name, "plan": plan}) if as_json else f"Tenant {name} has plan {plan} now."
    )


@app.command("set-retention")
def set_retention(
    name: Name,
    days: Annotated[
        str, typer.Argument(metavar="DAYS|forever|default", help="`default` is as the appliance is set.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say how many days the data of a tenant's deleted recordings is kept before it is purged."""
    if days not in _RETENTIONS and not (days.isascii() and days.isdigit()):
        raise typer.BadParameter("a whole number of days, forever or default", param_hint="DAYS")
    kept = _RETENTIONS[days] if days in _RETENTIONS else int(days)
    with_access(data, lambda access: access.set_retention(name, kept))
    told = {"tenant": name, "deleted_retention": _retention(kept)}
    typer.echo(
        json.dumps(told) if as_json else f"Data of {name}'s deleted recordings is kept: {_told(days)}."
    )


def _told(days: str) -> str:
    return {"default": "as the appliance is set", "forever": "for ever"}.get(days, f"{days} days")
