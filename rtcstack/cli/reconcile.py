"""`rtcstack reconcile`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.domain.instant import iso_ms

if TYPE_CHECKING:
    from rtcstack.services.reconcile.reconciler import Reconciler, Report

_PATIENCE_S = 60.0


def reconcile(
    last: Annotated[
        bool, typer.Option("--last", help="Only show what the appliance's own last look has found.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Hold database, LiveKit, workers, buckets and spool against each other now; mend what can be.

    Ends with status 1 if something is left that does not agree, or one of them could not be looked at.
    """
    from rtcstack.bootstrap_reconcile import open_reconciler

    async def work(reconciler: "Reconciler") -> "Report":
        return await (reconciler.report() if last else reconciler.run_now(_PATIENCE_S))

    report: Report = with_opened(data, open_reconciler, work)
    if as_json:
        typer.echo(_json(report))
    else:
        _tell(report)
    if not report.agrees:
        raise typer.Exit(1)


def _json(report: "Report") -> str:
    """Return it as the API shows it."""
    import msgspec

    from rtcstack.api.admin.reconcile_schemas import ReconcileBody

    return msgspec.json.encode(ReconcileBody.from_domain(report)).decode()


def _tell(report: "Report") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    checks = Table("check", "looked at", "seen", "")
    for check in report.checks:
        looked = iso_ms(check.ended_at_ms) if check.ended_at_ms else "-"
        checks.add_row(check.name, looked, str(check.seen), check.error or "")
    console.print(checks)
    if report.findings:
        console.print(_findings(report))
    elif report.agrees:
        console.print("Everything agrees.")
    for entry in report.repairs:
        details = entry.details
        console.print(
            f"{iso_ms(entry.at_ms)}  mended: {details['finding']} {details['subject']}: {details['repair']}",
            highlight=False,
            markup=False,
        )


def _findings(report: "Report") -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table("found", "what", "of", "", "mended")
    for found in report.findings:
        finding = found.finding
        of = f"{finding.tenant_id or '-'} {finding.object_id or ''}\n{finding.subject}"
        table.add_row(
            iso_ms(found.found_at_ms),
            finding.kind,
            escape(of),
            escape(finding.message),
            finding.mended or "no",
        )
    return table
