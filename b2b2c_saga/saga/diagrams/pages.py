"""The drawings as Markdown: one page a step, one of the whole, one of the states, and an index."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.diagrams.seen import Seen
from b2b2c_saga.saga.diagrams.state_chart import state_chart
from b2b2c_saga.saga.diagrams.step_chart import step_chart
from b2b2c_saga.saga.diagrams.walk import STATES_AT_MOST
from b2b2c_saga.saga.diagrams.whole_chart import gates_chart, idle, systems_chart
from b2b2c_saga.saga.diagrams.words import meaning, words
from b2b2c_saga.saga.steps import Gate, Step

MADE = "<!-- Drawn by `b2b2c-saga diagram --out docs/diagrams`; not written by hand. -->"
WHOLE, STATES, INDEX = "whole", "states", "README"

LEGEND = f"""\
All of this is drawn by `make diagrams` and compared by a test. What is declared in `b2b2c_saga/steps` (events with what
they wait for and what refuses them, gates with their conditions) is read off the steps. What a gate sends, what makes a
condition true and which state leads to which is seen: the real `decide` is walked through the worlds of
`b2b2c-saga check`, {STATES_AT_MOST} states of each, those first that are rare. So each arrow is true, and an arrow that
takes a very rare course of events may be missing; of what is sent none is: it is compared with what the code names.

| In a drawing | |
|---|---|
| blue | an event from upstream, with what it waits for and what refuses it |
| teal | the answer of an outside system to a command |
| yellow | a condition of a gate, in the words in which an operator reads what an order waits for |
| orange, six corners | a condition that time makes true; *since* says what it counts from |
| green, double border | a gate: opens once all its conditions hold |
| purple, slanted | a command, and the system that must act |
| pink | told to whoever asked, downstream, or to inventory sync |
| grey, dashed | in another step |
| an arrow to a condition | after this it may hold; one that ends in a cross: after this it may hold no longer |
| a condition without an arrow | holds from the start |
"""
READING = """\
An arrow into a gate: after this it may open, and could not before. One out of a gate: what the system may answer to
its command; dashed: what may open because it has opened. Gates that only tell somebody are a line, *tells*, where
they are opened."""
STATES_OF = """\
Of a shipment, and of its units as long as they are not packed. At an arrow stand, by name, the events that are learned
there, and in words the gates that open there; *in time*: because its time had come. When an order closes, so does what
it consists of. Each change is told downstream, as `OrderProgressed`."""


@dataclass(frozen=True)
class Drawing:
    """A title, what to know of it, and its Mermaid."""

    title: str
    mermaid: str
    about: str = ""

    def text(self) -> str:
        """As a section of a page."""
        told = (f"## {self.title}", self.about, f"```mermaid\n{self.mermaid}```")
        return "\n\n".join(filter(None, told))


def drawings(sagas: Sagas, seen: Seen) -> dict[str, list[Drawing]]:
    """All drawings, by the name of their page."""
    steps = (*sagas.orders.steps, *sagas.stock.steps)
    alone = {step.name: [Drawing(f"The step `{step.name}`", step_chart(step, seen))] for step in steps}
    return {WHOLE: _whole(sagas, seen), STATES: _states(seen), **alone}


def pages(sagas: Sagas, seen: Seen) -> dict[str, str]:
    """The files of the folder, by name."""
    steps = {step.name: step for step in (*sagas.orders.steps, *sagas.stock.steps)}
    drawn = drawings(sagas, seen)
    titles = {WHOLE: "The whole", STATES: "The states"} | {name: _about(step) for name, step in steps.items()}
    found = {}
    for name, parts in drawn.items():
        tables = _tables(steps[name], seen) if name in steps else ()
        found[f"{name}.md"] = _page(titles[name], *(part.text() for part in parts), *tables)
    listed = "\n".join(f"- [{name}]({name}.md): {titles[name]}" for name in drawn)
    return {f"{INDEX}.md": _page("Drawings of the saga", LEGEND.strip(), listed), **found}


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((MADE, f"# {title.rstrip('.')}", *parts)) + "\n"


def _whole(sagas: Sagas, seen: Seen) -> list[Drawing]:
    steps = (*sagas.orders.steps, *sagas.stock.steps)
    quiet = ", ".join(f"`{event.__name__}`" for event in idle(steps, seen))
    reading = f"{READING}\n\nThese open nothing by themselves, something else or time has yet to come: {quiet}."
    return [
        Drawing("Steps and systems", systems_chart(steps, seen)),
        Drawing("Gate by gate: orders", gates_chart(sagas.orders.steps, seen), reading),
        Drawing("Gate by gate: stock", gates_chart(sagas.stock.steps, seen)),
    ]


def _states(seen: Seen) -> list[Drawing]:
    into = {move for move in seen.fulfilment if move.after == Fulfilment.PARKED}
    out = {move for move in seen.fulfilment if move.before == Fulfilment.PARKED}
    return [
        Drawing("Fulfilment", state_chart(Fulfilment, seen.fulfilment - into - out), STATES_OF),
        Drawing("Fulfilment: parked", state_chart(Fulfilment, into, "LR")),
        Drawing("Fulfilment: put right, or settled all the same", state_chart(Fulfilment, out, "LR")),
        Drawing("Invoice", state_chart(InvoiceState, seen.invoice)),
    ]


def _tables(step: Step, seen: Seen) -> Iterator[str]:
    rows = [f"| `{event.__name__}` | {_said(event)} | {_opens(event, seen)} |" for event in step.learnings]
    if rows:
        yield "\n".join(("| Event | | May open |", "|---|---|---|", *rows))
    rows = [
        f"| {words(gate.name)} | {_cell(meaning(gate.opens.__doc__))} | {_conditions(gate)} |" for gate in step.gates
    ]
    if rows:
        yield "\n".join(("| Gate | | Conditions |", "|---|---|---|", *rows))


def _said(event: type[Event]) -> str:
    return _cell(meaning(vars(event).get("__doc__")))


def _opens(event: type[Event], seen: Seen) -> str:
    return ", ".join(sorted({words(gate) for cause, _, gate in seen.opens if cause.name == event.__name__}))


def _conditions(gate: Gate) -> str:
    return _cell("; ".join(label for label, _ in gate.conditions))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _about(step: Step) -> str:
    """What the file of the step says first."""
    functions = [gate.opens for gate in step.gates] or [learning.merge for learning in step.learnings.values()]
    module = inspect.getmodule(functions[0]) if functions else None
    return meaning(module.__doc__) if module else step.name
