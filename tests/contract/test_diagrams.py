"""docs/diagrams is what `b2b2c-saga diagram` draws today, Mermaid can read it, and it shows all there is."""

from pathlib import Path

import pytest
from mermaid_grammar import Chart, blocks, read
from typer.testing import CliRunner

from b2b2c_saga.cli import app
from b2b2c_saga.cli.diagram import _seen
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages import BY_TYPE, Event, answers
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.saga.diagrams.named import named
from b2b2c_saga.saga.diagrams.seen import Seen
from b2b2c_saga.saga.diagrams.words import words
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps import ORDERS, STOCK

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs/diagrams"
STEPS = (*ORDERS.steps, *STOCK.steps)
GATES = [(step, gate) for step in STEPS for gate in step.gates]


def charts(page: str) -> list[Chart]:
    return [read(block) for block in blocks((DOCS / f"{page}.md").read_text())]


@pytest.fixture(scope="module")
def seen() -> Seen:
    """What the command saw: a walk through all worlds, made once for this file."""
    return _seen()


@pytest.mark.usefixtures("seen")
def test_the_docs_show_what_is_declared_and_decided_today(monkeypatch):
    monkeypatch.chdir(ROOT)

    done = CliRunner().invoke(app, ["diagram", "--check"])

    assert (done.exit_code, done.output) == (0, "")


@pytest.mark.usefixtures("seen")
def test_pages_are_written_compared_and_tidied(tmp_path):
    def run(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["diagram", "--out", str(tmp_path / "drawn"), *options])
        return done.exit_code, done.output

    again = f"; run `b2b2c-saga diagram --out {tmp_path}/drawn`\n"
    count = len(list(DOCS.glob("*.md")))

    assert run() == (0, f"{count} pages in {tmp_path}/drawn, {count} changed.\n")
    assert {p.name: p.read_text() for p in (tmp_path / "drawn").iterdir()} == {
        p.name: p.read_text() for p in DOCS.iterdir()
    }

    pack, gone = tmp_path / "drawn/pack.md", tmp_path / "drawn/gone.md"
    gone.write_text(pack.read_text())
    pack.write_text(pack.read_text().replace("invoice acknowledged", "invoice known"))
    (tmp_path / "drawn/whole.md").unlink()
    said = [f"{gone} is of no step", f"{pack} differs", f"{tmp_path / 'drawn/whole.md'} is missing"]
    assert run("--check") == (1, "".join(sentence + again for sentence in said))
    assert run() == (0, f"{count} pages in {tmp_path}/drawn, 3 changed.\n")
    assert run("--check") == (0, "")


def test_what_somebody_wrote_is_not_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("# Mine\n")

    done = CliRunner().invoke(app, ["diagram", "--out", str(tmp_path)])

    assert done.exit_code == 1
    assert "it has pages that were not drawn" in done.output
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("README.md", "# Mine\n")]


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize(("what", "page"), [("handover", "handover"), ("states", "states"), (None, "whole")])
def test_one_drawing_is_printed_as_mermaid(what: str | None, page: str):
    done = CliRunner().invoke(app, ["diagram", *([what] if what else [])])

    told = done.output.split("\n%% ") if done.output.startswith("%% ") else []
    assert [chart.partition("\n")[2].removesuffix("\n") for chart in told] == [
        block.removesuffix("\n") for block in blocks((DOCS / f"{page}.md").read_text())
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nonsense"], "no such drawing"),
        (["pack", "--check"], "pages are written or compared all together"),
    ],
)
def test_a_mistake_is_named(options: list[str], said: str):
    done = CliRunner().invoke(app, ["diagram", *options])

    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.parametrize("page", sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "README"))
def test_mermaid_can_read_each_drawing(page: str):
    assert [len(chart.edges) for chart in charts(page) if not chart.edges] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_drawing_of_a_step_shows_all_that_it_declares(step: Step):
    (chart,) = charts(step.name)
    shown = list(chart.labels.values())

    for event, learning in step.learnings.items():
        label = chart.labels[event.__name__]
        rules = [f"waits for: {one}" for one in learning.waits_for] + [
            f"refused: {one}" for one in learning.refused_when
        ]
        assert [rule for rule in rules if rule not in label.split("<br/>")] == []
    for gate in step.gates:
        node = f"{step.name}_{gate.name}"
        assert chart.labels[node].startswith(f"<b>{words(gate.name)}</b><br/>each {gate.scope.name}")
        before = [chart.labels[start] for start, end in chart.edges if end == node]
        assert before == [label for label, _ in gate.conditions]
        assert set(before) <= set(shown)


def test_each_step_is_drawn_alone_and_in_the_whole_and_listed():
    systems, *_ = charts("whole")
    index = (DOCS / "README.md").read_text()

    assert {path.stem for path in DOCS.glob("*.md")} == {"README", "whole", "states", *(step.name for step in STEPS)}
    assert [step.name for step in STEPS if f"step_{step.name}" not in systems.labels] == []
    assert [step.name for step in STEPS if f"- [{step.name}]({step.name}.md)" not in index] == []


def test_all_states_are_reached():
    fulfilment, parked, put_right, invoice = charts("states")

    assert {end for _, end in fulfilment.edges} | {"PARKED"} == set(Fulfilment)
    assert {end for _, end in parked.edges} == {start for start, _ in put_right.edges} == {"PARKED"}
    assert {end for _, end in invoice.edges} == set(InvoiceState)
    assert fulfilment.edges[0] == ("[*]", "OPEN")


@pytest.mark.parametrize(("step", "gate"), GATES, ids=lambda one: one.name)
def test_each_gate_was_seen_to_send_what_its_code_names(step: Step, gate, seen: Seen):
    sent = {kind for *by, kind in seen.sent if tuple(by) == (step.name, gate.name)}

    assert sent == named(gate.opens)


def test_each_answer_was_seen_to_answer_something(seen: Seen):
    kinds = {kind for kind in BY_TYPE.values() if kind.__module__ == answers.__name__ and issubclass(kind, Event)}

    assert kinds - {answer for _, answer in seen.answers} == set()
