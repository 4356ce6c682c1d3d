"""The self-check's outcome for a person, and for a program."""

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rtcstack.demo.step import Outcome, Step


def announce(console: Console, step: Step) -> None:
    """Print a step as soon as it is over, so that the longer ones do not look like a standstill."""
    word = "[green]ok[/]" if step.is_ok else "[red]failed[/]"
    console.print(f"  {word} {escape(step.title)}", highlight=False)


def as_table(outcome: Outcome) -> Table:
    table = Table(title="Self-check", title_justify="left")
    table.add_column("Step")
    table.add_column("Result", overflow="fold")
    table.add_column("Took", justify="right", no_wrap=True)
    for step in outcome.steps:
        result = f"[green]ok[/] {escape(step.result)}" if step.is_ok else "[red]failed[/], see below"
        table.add_row(escape(step.title), result, f"{step.took_s:.2f} s")
    return table


def show(console: Console, outcome: Outcome) -> None:
    """Print the table, where the recording lies, and a link that plays until it expires."""
    console.print(as_table(outcome))
    if outcome.object_uri:
        console.print(f"The recording lies at {escape(outcome.object_uri)}", highlight=False, soft_wrap=True)
    if outcome.download_url:
        console.print("It plays from this link:", highlight=False)
        console.print(outcome.download_url, highlight=False, soft_wrap=True, markup=False)
    for step in outcome.steps:
        if not step.is_ok:
            console.print(
                f"[red]{escape(step.title)}:[/] {escape(step.result)}", highlight=False, soft_wrap=True
            )


def as_json(outcome: Outcome) -> str:
    return json.dumps(outcome.as_json(), indent=2)
