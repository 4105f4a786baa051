"""One step drawn: what it learns, what makes the conditions of its gates true, what an opened gate sends to whom."""

from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.saga.diagrams.mermaid import Arrow, Flowchart, Kind, identifier, lines
from b2b2c_saga.saga.diagrams.named import named
from b2b2c_saga.saga.diagrams.seen import Cause, Condition, Seen
from b2b2c_saga.saga.diagrams.words import kind_of, where_to, words
from b2b2c_saga.saga.steps import After, Gate, Learning, Step

Bearing = tuple[Cause, Arrow, str]
"""What bears on a condition, and how."""


def step_chart(step: Step, seen: Seen) -> str:
    """Events, conditions, gates, and what is sent, from left to right."""
    return _Chart(step, seen).text()


class _Chart:
    def __init__(self, step: Step, seen: Seen) -> None:
        self.step, self.seen, self.chart = step, seen, Flowchart()
        self.conditions: dict[tuple[str, tuple[Bearing, ...]], str] = {}

    def text(self) -> str:
        """The whole chart."""
        for kind, learning in self.step.learnings.items():
            self.chart.node(kind.__name__, kind_of(kind), self._learned(kind, learning))
        for gate in self.step.gates:
            self._gate(gate)
        return self.chart.text()

    def _learned(self, kind: type[Event], learning: Learning) -> str:
        asked = sorted(command.__name__ for command, answer in self.seen.answers if answer is kind)
        told = [f"answers {', '.join(asked)}"] if asked and kind_of(kind) is Kind.ANSWER else []
        told += [f"waits for: {label}" for label in learning.waits_for]
        told += [f"refused: {label}" for label in learning.refused_when]
        return lines(*told, head=kind.__name__)

    def _gate(self, gate: Gate) -> None:
        node = identifier(self.step.name, gate.name)
        for n, (label, holds) in enumerate(gate.conditions):
            condition = Condition(self.step.name, gate.name, label)
            bearings = self._bearings(condition)
            same = (label, bearings)
            if same not in self.conditions:
                kind = Kind.TIME if isinstance(holds, After) else Kind.CONDITION
                self.conditions[same] = self.chart.node(f"{node}_{n}", kind, lines(label))
                for cause, arrow, how in bearings:
                    self.chart.edge(self._cause(cause), self.conditions[same], arrow, how)
            self.chart.edge(self.conditions[same], node)
        self.chart.node(node, Kind.GATE, lines(f"each {gate.scope.name}", *self._again(gate), head=words(gate.name)))
        self._sends(gate, node)

    def _again(self, gate: Gate) -> list[str]:
        condition = Condition(self.step.name, gate.name)
        after = sorted(turn.cause.name for turn in self.seen.turns if turn.condition == condition and turn.holds)
        return [f"again after {', '.join(map(words, after))}"] if after else []

    def _sends(self, gate: Gate, node: str) -> None:
        sent = {kind for step, name, kind in self.seen.sent if (step, name) == (self.step.name, gate.name)}
        for kind in sorted(sent | named(gate.opens), key=lambda kind: kind.__name__):
            self.chart.edge(node, self._message(kind), Arrow.LEADS_TO if kind in sent else Arrow.NEVER_SEEN)

    def _bearings(self, condition: Condition) -> tuple[Bearing, ...]:
        """What makes it true, and what ends it; of a time, what it counts from."""
        turns = {turn for turn in self.seen.turns if turn.condition == condition}
        births = {turn for turn in self.seen.births if turn.condition == condition}
        if not any(turn.holds for turn in turns) and len({turn.holds for turn in births}) > 1:
            turns |= {turn for turn in births if turn.holds}
        since = sorted(cause for cause, timed in self.seen.clocks if timed == condition)
        found: list[Bearing] = [
            (turn.cause, Arrow.LEADS_TO if turn.holds else Arrow.ENDS, "")
            for turn in sorted(turns)
            if turn.cause not in since
        ]
        return (*found, *((cause, Arrow.LOOSELY, "since") for cause in since))

    def _cause(self, cause: Cause) -> str:
        if cause.is_gate:
            own = cause.step == self.step.name
            return identifier(cause.step, cause.name) if own else self._gate_elsewhere(cause.step, cause.name)
        return self.chart.node(cause.name, Kind.ELSEWHERE, lines(cause.name, f"({cause.step})"))

    def _gate_elsewhere(self, step: str, gate: str) -> str:
        return self.chart.node(identifier(step, gate), Kind.ELSEWHERE, lines(words(gate), f"({step})"))

    def _message(self, kind: type[Message]) -> str:
        look = Kind.MESSAGE if issubclass(kind, Event) else kind_of(kind)
        return self.chart.node(identifier("send", kind.__name__), look, lines(where_to(kind), head=kind.__name__))
