"""`rtcstack reconcile`."""

from typing import TYPE_CHECKING, Annotated

import typer

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.domain.instant import iso_ms

if TYPE_CHECKING:
    from rtcstack.domain.audit import AuditEntry
    from rtcstack.domain.finding import OpenFinding
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
    """A line each, as long as it is: nothing is cut or broken, at a narrow terminal, in a pipe or in cron's mail."""
    width = max((len(check.name) for check in report.checks), default=0)
    for check in report.checks:
        looked = iso_ms(check.ended_at_ms) if check.ended_at_ms else "not yet"
        line = f"{check.name:{width}}  {looked:24}  {check.seen:7} seen  {check.error or ''}"
        typer.echo(line.rstrip())
    if report.findings:
        typer.echo(f"Open, {_shown(report)}:")
        for found in report.findings:
            typer.echo(_finding(found))
    elif report.agrees:
        typer.echo("Everything agrees.")
    if report.repairs:
        typer.echo("Mended, or asked for, within the last day:")
        for entry in report.repairs:
            typer.echo(_repair(entry))


def _shown(report: "Report") -> str:
    shown = len(report.findings)
    return str(shown) if shown == report.open_count else f"the oldest {shown} of {report.open_count}"


def _finding(found: "OpenFinding") -> str:
    """`subject` may be the object's id itself."""
    finding = found.finding
    of = [finding.tenant_id, finding.object_id if finding.object_id != finding.subject else None]
    words = [finding.kind, finding.subject, *(word for word in of if word)]
    done = finding.mended or "left to people"
    return f"{iso_ms(found.found_at_ms)}  {' '.join(words)}: {finding.message} ({done})"


def _repair(entry: "AuditEntry") -> str:
    details = entry.details
    return f"{iso_ms(entry.at_ms)}  {details['finding']} {details['subject']}: {details['repair']}"
