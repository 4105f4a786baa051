"""`b2b2c-saga check` on the command line: worlds by name and by file, histories saved and retold, mistakes named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner
from weaker import without

from b2b2c_saga.cli import app
from b2b2c_saga.cli.world_file import read_world
from b2b2c_saga.model.terms import Issuer
from b2b2c_saga.saga.check.samples import cancel, come_back, handover, order, pack
from b2b2c_saga.saga.check.worlds import Setting

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "worlds"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run() -> Run:
    def invoke(*words: object) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["check", *map(str, words)])
        return done.exit_code, done.stdout, done.stderr

    return invoke


def test_the_command_explores_worlds_and_counts_rules(run: Run):
    code, out, _ = run("--world", "the wrong channel", "--world", "strays", "--json")
    report = json.loads(out)
    assert (code, report["violations"]) == (0, [])
    assert [world["world"] for world in report["worlds"]] == ["the wrong channel", "strays"]
    assert all(world["complete"] and world["holds"] for world in report["worlds"])
    assert report["states"] == sum(world["states"] for world in report["worlds"])
    assert report["rules"]["refused for good what a later event could make right"] > 0
    assert report["rules"]["handed over without a label"] == 0
    assert 0 < report["bytes_at_most"] < 2 * 2**30


def test_the_command_tells_a_person(run: Run):
    code, out, _ = run("--world", "the wrong channel")
    assert code == 0
    assert "the wrong channel" in out
    assert "holds" in out
    assert "refused for good what a later event could make right" in out
    assert "handed over without a label" not in out
    assert out.splitlines()[-1].endswith("0 worlds with a violation")


def test_a_world_is_explored_in_part_when_it_is_told_so(run: Run):
    code, out, _ = run("--world", "one unit", "--states", "50", "--json")
    (world,) = json.loads(out)["worlds"]
    assert (code, world["complete"], world["holds"]) == (0, False, True)
    assert 50 <= world["states"] < 100
    assert "holds so far" in run("--world", "one unit", "--states", "50")[1]


def test_the_command_saves_and_retells_what_it_finds(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    other = tmp_path / "found-handed-over-without-a-registered-invoice.txt"
    other.write_text("another history\n")
    with monkeypatch.context() as patched:
        patched.setattr("b2b2c_saga.steps.ORDERS", without("hand_over_on_marketplace", "invoice registered").orders)
        code, out, _ = run("--world", "one unit", "--save", tmp_path)
        again = run("--world", "one unit", "--save", tmp_path)[0]
    assert (code, again, "VIOLATED" in out) == (1, 1, True)
    file = tmp_path / "found-handed-over-without-a-registered-invoice-2.txt"
    assert sorted(tmp_path.iterdir()) == sorted([file, other])
    assert other.read_text() == "another history\n"
    assert "  -> HandOverOnMarketplace A attempt=1" in file.read_text()
    code, out, _ = run("--retell", file)
    assert (code, "written anew" in out) == (0, True)
    assert "  -> HandOverOnMarketplace A attempt=1" not in file.read_text()
    assert "as it was" in run("--retell", file)[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--world", "nowhere"), "no such world: --world = 'nowhere': a YAML file, or one of: one unit,"),
        (("--world", "none.yaml"), "none.yaml: No such file or directory: --world"),
        (("--world", "strays", "--save", "none"), "none: no such folder: --save"),
        (("--mutants", "--world", "strays", "--only", "no such thing"), "no such mutant"),
        (("--retell", "none.txt"), "No such file"),
        (("--retell", __file__), "line 1: not an event"),
    ],
)
def test_a_mistake_on_the_command_line_is_named(run: Run, words: tuple[str, ...], says: str):
    code, _, err = run(*words)
    assert (code, says in err) == (1, True)


def test_a_world_of_the_users_own(run: Run):
    name, setting, mistakes = read_world(EXAMPLES / "two-lines.yaml")
    one_each = order(K=1, L=1), pack("A", 1, "q1", "K"), pack("D", 1, "q2"), handover("A", "h1")
    assert (name, mistakes) == ("two lines, two shipments", [])
    assert setting == Setting((*one_each, cancel(1, "K"), cancel(1)))


def test_terms_of_a_world_of_the_users_own():
    name, setting, mistakes = read_world(EXAMPLES / "returns-in-the-wms-variant.yaml")
    assert (name, mistakes) == ("returns in the WMS variant", [])
    assert setting is not None
    terms = setting.terms
    assert (terms.b2b_leg, terms.b2b_order, terms.issuer) == (True, True, Issuer.RMS)
    assert (terms.cancel_after_pack, terms.documents.void_window) == (False, None)
    assert (terms.patience.answer.total_seconds(), terms.patience.attempts_at_most) == (300, 3)
    back = come_back("A", "R2", "A1").units[0].model_copy(update={"quality_check": "FAIL"})
    assert setting.after_handover[0] == come_back("A", "R1", "A0")
    assert setting.after_handover[1].units == (back,)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_hold(run: Run, file: Path):
    code, out, _ = run("--world", file, "--states", "1000")
    assert (code, "holds" in out) == (0, True)


def test_a_world_of_stock(run: Run, tmp_path: Path):
    file = tmp_path / "counted twice.yaml"
    file.write_text("events:\n- StockCounted quantity=5 version=1\n- StockCounted quantity=3 version=2\nfaults: 1\n")
    code, out, _ = run("--world", file, "--json")
    (world,) = json.loads(out)["worlds"]
    assert (code, world["world"], world["complete"]) == (0, "counted twice", True)


def test_what_is_found_in_a_world_of_the_users_own_replays_with_its_terms(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "terms:\n  channel: OTHER\n  patience:\n    answer: 7m\n    attempts_at_most: 4\n"
        "events:\n- OrderPlaced L=1 channel=OTHER\n- PackConfirmed A L=1\n- HandoverRequested A\n"
    )
    with monkeypatch.context() as patched:
        patched.setattr("b2b2c_saga.steps.ORDERS", without("hand_over_on_marketplace", "invoice registered").orders)
        assert run("--world", file, "--save", tmp_path)[0] == 1
        (found,) = tmp_path.glob("found-*.txt")
        assert "\ngiven 4 attempts\ngiven channel OTHER\ngiven patience answer +7m\n" in found.read_text()
        assert "as it was" in run("--retell", found)[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n", ":1: must be sections by name"),
        ("events: [a\n", "is not YAML"),
        ("faults: 1\n", ": events: is missing"),
        ("events: []\n", ":1: events: is empty: nothing would ever happen"),
        ("events:\n- OrderPlaced L=1\n- Nonsense\n", ":3: events.1 = 'Nonsense': not an event: starts with a type"),
        ("events:\n- OrderPlaced L=x\n", ":2: events.0 = 'OrderPlaced L=x': not an event: "),
        ("events:\n- OrderPlaced L=1\n- OrderPlaced L=1\n", ":3: events.1 = 'OrderPlaced L=1': is said already"),
        ("events:\n- OrderPlaced L=1\n- Alarm\n", ":3: events.1 = 'Alarm': alarms ring by themselves"),
        ("events:\n- OrderPlaced LL=1\n", ":2: events.0 = 'OrderPlaced LL=1': line LL: must be one capital letter"),
        (
            "events:\n- OrderPlaced L=1\n- StockCounted quantity=1 version=1\n",
            ":3: events.1 = 'StockCounted quantity=1",
        ),
        ("events:\n- StockTaken version=1 system=omni\n", "has no StockCounted"),
        ("events:\n- OrderPlaced L=1\nafter_handover:\n- CancellationPosted L=1\n", ":4: after_handover.0 = "),
        ("events:\n- OrderPlaced L=1\nfaults: 10\n", ":3: faults = '10': must be a number from 0 to 9"),
        ("events:\n- OrderPlaced L=1\nfault: 1\n", ":3: fault = '1': is no field here; did you mean faults?"),
        ("events:\n- OrderPlaced L=1\nterms:\n  b2b_leg: no\n", ":4: terms.b2b_leg = 'no': must be true or false"),
        ("events:\n- OrderPlaced L=1\nterms:\n  patience:\n    answer: soon\n", ":5: terms.patience.answer = 'soon'"),
        ("events:\n- OrderPlaced L=1\nterms:\n  b2b_leg: false\n  b2b_order: true\n", ":5: terms.b2b_order = 'true'"),
    ],
)
def test_each_mistake_of_a_world_is_named_by_file_line_field_and_rule(run: Run, tmp_path: Path, text: str, says: str):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    code, out, err = run("--world", file)
    assert (code, out) == (1, "")
    assert err.startswith(f"{file}:")
    assert says in err
