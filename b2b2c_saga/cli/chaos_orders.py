"""`b2b2c-saga chaos orders`: the real thing under faults."""

from typing import Annotated

import typer

from b2b2c_saga.cli.chaos import BROKEN, AsJson, Brokers, Faults, Minutes, ReportTo, Seed, app, checked, drawn, kinds_in
from b2b2c_saga.cli.demo import until_stopped
from b2b2c_saga.cli.prove import wide_console
from b2b2c_saga.cli.shared import quiet_settings_of, show_json

A_MINUTE = 250
"""Orders: 5,000 in twenty minutes."""


@app.command()
def orders(  # noqa: PLR0917 - a command has as many parameters as options
    context: typer.Context,
    minutes: Minutes = 3,
    seed: Seed = None,
    brokers: Brokers = 3,
    faults: Faults = None,
    orders: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="How many are placed. Default: 250 a minute.")
    ] = None,
    report: ReportTo = None,
    as_json: AsJson = False,
) -> None:
    """The whole product: workers, connectors, gateway and poll play a day of orders with the sandbox, under faults.

    Rows, commands, events and replies are computed anew from the inputs and must lie in the topics byte for byte, each
    once and in order; offsets must say the same; the outside systems' books must agree with the rows to the paisa; and
    every order must end as its story does. Beside the faults of `chaos engine`: connectors that die between a call and
    its answer, gateway and poll killed, outside systems slow, failing, silent though they did it, and away.

    Exit code: 0 no violation; 1 some, told with their history and the command that repeats the run.

    Examples: `b2b2c-saga chaos orders`, `b2b2c-saga chaos orders --minutes 20 --seed 7 --report chaos-orders.md`
    """
    from b2b2c_saga.chaos.orders.form import run_orders
    from b2b2c_saga.chaos.orders.page import OrdersOutcome, orders_page
    from b2b2c_saga.chaos.orders.stage import Plan

    settings, console = quiet_settings_of(context), wide_console(stderr=as_json)
    plan = Plan(drawn(seed), orders or round(A_MINUTE * minutes), minutes, checked(brokers), kinds_in(faults))
    console.print(f"  seed {plan.seed}; again: {plan.command}", highlight=False, markup=False)
    outcome: OrdersOutcome = until_stopped(
        run_orders(settings, plan, lambda said: console.print(f"  {said}", highlight=False, markup=False))
    )
    page = orders_page(outcome)
    if report:
        report.write_text(page)
    if as_json:
        show_json(outcome.as_json())
    else:
        console.print(page, highlight=False, markup=False)
    if outcome.violations:
        raise typer.Exit(BROKEN)


__all__ = ["app", "orders"]
