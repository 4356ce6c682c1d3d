"""`rtcstack keys create | list | revoke`."""

import json
from typing import Annotated

import typer

from rtcstack.cli.access import AsJson, Data, with_access
from rtcstack.domain.api_key import Scope
from rtcstack.domain.instant import iso_s
from rtcstack.domain.room import DEFAULT_TENANT

app = typer.Typer(help="API keys: make, list, revoke.", no_args_is_help=True)


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose key; the tenant is made if need be.")] = DEFAULT_TENANT,
    plan: Annotated[
        str | None, typer.Option(help="The plan of a tenant that is made now; self-hosted unless given.")
    ] = None,
    scope: Annotated[Scope, typer.Option(help="What the key may do.")] = Scope.ADMIN,
    operator: Annotated[bool, typer.Option("--operator", help="May call /v1/admin as well.")] = False,
    name: Annotated[str, typer.Option(help="What you call it, to tell it from others.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it: it cannot be shown again."""
    key, text = with_access(
        data,
        lambda a: a.create_key(tenant, plan=plan, scope=scope, is_operator=operator, name=name),
        makes_database=True,
    )
    if as_json:
        typer.echo(json.dumps({"tenant": key.tenant_id, "key": text, "id": key.id}))
        return
    typer.echo(
        f"{text}\nKey {key.id} of tenant {key.tenant_id}, scope {key.scope}. It is shown this once: keep it now."
    )


@app.command("list")
def list_keys(data: Data = None, as_json: AsJson = False) -> None:
    """List all keys, without their secrets."""
    keys = with_access(data, lambda a: a.list_keys())
    rows = [
        {
            "id": k.id,
            "name": k.name,
            "tenant": k.tenant_id,
            "scope": str(k.scope),
            "operator": k.is_operator,
            "created_at": iso_s(k.created_at_ms),
            "revoked_at": iso_s(k.revoked_at_ms) if k.revoked_at_ms else None,
        }
        for k in keys
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        state = f"revoked {row['revoked_at']}" if row["revoked_at"] else "live"
        named = f"  “{row['name']}”" if row["name"] else ""
        typer.echo(f"{row['id']}  {row['tenant']}  {row['scope']}  made {row['created_at']}  {state}{named}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")], data: Data = None
) -> None:
    """Revoke a key at once."""
    with_access(data, lambda a: a.revoke_key(key_id))
    typer.echo(f"Key {key_id} is revoked.")
