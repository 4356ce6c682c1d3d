"""The command `rtcstack`."""

import signal

import typer

from rtcstack.cli import admin, backup, keys, sealing, storage, tenants
from rtcstack.cli.audit import audit
from rtcstack.cli.configure import configure
from rtcstack.cli.demo import demo
from rtcstack.cli.doctor import doctor
from rtcstack.cli.down import down
from rtcstack.cli.egress import egress
from rtcstack.cli.reconcile import reconcile
from rtcstack.cli.serve import serve
from rtcstack.cli.status import status
from rtcstack.cli.up import provision, supervise, up
from rtcstack.cli.version import root, version

app = typer.Typer(
    help="Video rooms on your own machine, and every recording kept.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(root)
app.command()(up)
app.command()(down)
app.command()(status)
app.command()(demo)
app.command()(doctor)
app.add_typer(tenants.app, name="tenants")
app.add_typer(keys.app, name="keys")
app.add_typer(admin.app, name="admin")
app.command()(audit)
app.command()(reconcile)
app.add_typer(sealing.app, name="sealing")
app.add_typer(storage.app, name="storage")
app.add_typer(backup.app, name="backup")
app.command()(backup.restore)
app.command()(serve)
app.command()(egress)
app.command()(provision)
app.command()(version)
app.command()(configure)
app.command(hidden=True)(supervise)


def main() -> None:
    # A shell starts its background jobs with interrupts ignored; whoever sends us one means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app()
