"""`rtcstack admin`: who may use the dashboard."""

import json
from typing import Annotated

import typer

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.domain.admin_user import FIRST_USER

app = typer.Typer(help="Users of the dashboard.", no_args_is_help=True)


@app.command()
def password(
    user: Annotated[str, typer.Option(help="Whose; the user is made if need be.")] = FIRST_USER,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for the password instead of making a random one.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give a user of the dashboard a new password and print it: it cannot be shown again. Its sessions end."""
    from rtcstack.bootstrap_access import open_admin_users

    chosen = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if ask else None
    made = with_opened(
        data, open_admin_users, lambda users: users.set_password(user, chosen), makes_database=True
    )
    if as_json:
        typer.echo(json.dumps({"user": user, "password": made}))
    elif chosen is None:
        typer.echo(f"{made}\nThe password of {user} at the dashboard. It is shown this once: keep it now.")
    else:
        typer.echo(f"{user} has a new password and is signed out everywhere.")


@app.command(hidden=True)
def first(data: Data = None) -> None:
    """Make the first user, unless there is one; print it as JSON."""
    from rtcstack.bootstrap_access import open_admin_users

    made = with_opened(data, open_admin_users, lambda users: users.make_first(), makes_database=True)
    typer.echo(json.dumps({"user": FIRST_USER, "password": made}))
