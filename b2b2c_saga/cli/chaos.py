"""`b2b2c-saga chaos`: real processes on a real cluster, broken by a seed, and a checker that counts."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from b2b2c_saga.cli.demo import until_stopped
from b2b2c_saga.cli.prove import wide_console
from b2b2c_saga.cli.shared import quiet_settings_of, show_json
from b2b2c_saga.model.errors import BadInput

BROKEN = 1
app = typer.Typer(no_args_is_help=True, help="Break everything by a seed, and count whether anything was lost.")

Minutes = Annotated[float, typer.Option(min=0.1, max=600, help="How long faults are inflicted; rest comes after it.")]
Seed = Annotated[
    int | None, typer.Option(help="Of load and faults; a fresh one is drawn, and shown, if none is given.")
]
Brokers = Annotated[int, typer.Option(help="1, or 3 with replication 3 and min.insync.replicas 2.")]
Faults = Annotated[str | None, typer.Option(help="Kinds of fault, with commas; all if not given.")]
ReportTo = Annotated[Path | None, typer.Option(help="Write the run as a Markdown page to this file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a machine: the outcome on stdout, progress on stderr.")]


@app.command()
def engine(  # noqa: PLR0917 - a command has as many parameters as options
    context: typer.Context,
    minutes: Minutes = 3,
    seed: Seed = None,
    brokers: Brokers = 3,
    faults: Faults = None,
    under_test: Annotated[
        str, typer.Option("--engine", help="`ours`; or, to compare: `faust-at-least-once`, `faust-exactly-once`.")
    ] = "ours",
    rate: Annotated[float, typer.Option(min=1, help="Events a second, in the mean.")] = 500,
    report: ReportTo = None,
    as_json: AsJson = False,
) -> None:
    """The engine alone: workers that count events of many keys, and a checker that folds them anew.

    Each accepted event must have had its effect exactly once, each key's count neither gap nor repeat; rows, outputs
    and committed offsets must say the same as the input log. Logs and brokers' data: DATA_DIR/chaos/chaos-….

    Exit code: 0 no violation; 1 some, told with their history and the command that repeats the run.

    Examples: `b2b2c-saga chaos engine`, `b2b2c-saga chaos engine --minutes 20 --seed 7 --report chaos.md`,
    `b2b2c-saga chaos engine --brokers 1 --faults kill-worker,zombie,clock-jump`
    """
    from b2b2c_saga.chaos.engine import Plan, run_engine
    from b2b2c_saga.chaos.outcome import Outcome, as_page

    settings, console = quiet_settings_of(context), wide_console(stderr=as_json)
    plan = Plan(minutes, drawn(seed), checked(brokers), kinds_in(faults), rate, under_test)
    console.print(f"  seed {plan.seed}; again: {plan.command}", highlight=False, markup=False)
    outcome: Outcome = until_stopped(
        run_engine(settings, plan, lambda said: console.print(f"  {said}", highlight=False, markup=False))
    )
    if report:
        report.write_text(as_page(outcome))
    if as_json:
        show_json(outcome.as_json())
    else:
        console.print(as_page(outcome), highlight=False, markup=False)
    if outcome.violations:
        raise typer.Exit(BROKEN)


def drawn(seed: int | None) -> int:
    """The seed given, or a fresh one."""
    return secrets.randbelow(1_000_000) if seed is None else seed


def checked(brokers: int) -> int:
    """One broker or three.

    Raises:
        BadInput: another number.
    """
    if brokers not in {1, 3}:
        raise BadInput("no such cluster", field="brokers", value=brokers, rule="1 or 3")
    return brokers


def kinds_in(faults: str | None) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name.strip() for name in faults.split(",") if name.strip()) if faults else ()
