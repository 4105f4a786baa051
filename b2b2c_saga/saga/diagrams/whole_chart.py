"""All steps drawn together: once step by step with the systems around them, once gate by gate."""

from collections.abc import Iterable

from b2b2c_saga.model.messages import Command, Event, Message
from b2b2c_saga.saga.diagrams.mermaid import Arrow, Flowchart, Kind, identifier, lines
from b2b2c_saga.saga.diagrams.seen import Seen
from b2b2c_saga.saga.diagrams.words import kind_of, system, words
from b2b2c_saga.saga.steps import Gate, Step


def systems_chart(steps: Iterable[Step], seen: Seen) -> str:
    """What each step hears from upstream and in answer, and what it sends to which system or tells on which topic."""
    chart = Flowchart("LR")
    for step in steps:
        node = chart.node(identifier("step", step.name), Kind.GATE, lines(head=step.name))
        for kind in (Kind.UPSTREAM, Kind.ANSWER):
            heard = [event.__name__ for event in step.learnings if kind_of(event) is kind]
            if heard:
                chart.edge(chart.node(identifier(kind, step.name), kind, lines(*heard)), node)
        sent: dict[tuple[str, ...], set[type[Message]]] = {}
        for name, _, message in seen.sent:
            if name == step.name:
                sent.setdefault(tuple(sorted(message.travels_on())), set()).add(message)
        for topics, messages in sorted(sent.items()):
            look = Kind.COMMAND if any(issubclass(message, Command) for message in messages) else Kind.MESSAGE
            told = lines(*sorted(message.__name__ for message in messages))
            group = chart.node(identifier(step.name, "sends", *topics), look, told)
            chart.edge(node, group)
            for topic in topics:
                chart.edge(group, chart.node(identifier("to", topic), Kind.ELSEWHERE, lines(head=system(topic))))
    return chart.text()


def gates_chart(steps: Iterable[Step], seen: Seen) -> str:
    """From upstream events down to the end: an arrow into a gate says that it may open then, and could not before."""
    return _Gates(tuple(steps), seen).text()


def idle(steps: Iterable[Step], seen: Seen) -> list[type[Event]]:
    """Events that open no gate by themselves: something else, or time, has yet to come."""
    opening = {cause.name for cause, _, _ in seen.opens}
    return [event for step in steps for event in step.learnings if event.__name__ not in opening]


class _Gates:
    """Gates that only tell somebody, and lead to nothing, stand as a line where they are opened."""

    def __init__(self, steps: tuple[Step, ...], seen: Seen) -> None:
        self.steps, self.seen, self.chart = steps, seen, Flowchart("TB")
        self.answered = {command for command, _ in seen.answers}
        leading = {(cause.step, cause.name) for cause, _, _ in seen.opens if cause.is_gate}
        gates = {(step.name, gate.name) for step in steps for gate in step.gates}
        sent = {gate: {kind for *by, kind in seen.sent if tuple(by) == gate} for gate in gates}
        self.telling = {gate: kinds for gate, kinds in sent.items() if kinds and not kinds & self.answered}
        self.telling = {gate: kinds for gate, kinds in self.telling.items() if gate not in leading}
        self.drawn = gates - self.telling.keys()

    def text(self) -> str:
        """The whole chart."""
        for step in self.steps:
            for gate in step.gates:
                self._gate(step, gate)
        unheard = idle(self.steps, self.seen)
        for step in self.steps:
            for event in step.learnings:
                if event not in unheard:
                    told = self._told(step.name, event.__name__)
                    self.chart.node(event.__name__, kind_of(event), lines(*told, head=event.__name__))
        for cause, step_name, gate_name in sorted(self.seen.opens):
            start = identifier(cause.step, cause.name) if cause.is_gate else cause.name
            if (step_name, gate_name) in self.drawn and start in self.chart.nodes:
                arrow = Arrow.LOOSELY if cause.is_gate else Arrow.LEADS_TO
                self.chart.edge(start, identifier(step_name, gate_name), arrow)
        return self.chart.text()

    def _gate(self, step: Step, gate: Gate) -> None:
        if (step.name, gate.name) not in self.drawn:
            return
        kinds = sorted((k for s, g, k in self.seen.sent if (s, g) == (step.name, gate.name)), key=lambda k: k.__name__)
        told = [f"{kind.__name__} to {' or '.join(map(system, sorted(kind.travels_on())))}" for kind in kinds]
        node = identifier(step.name, gate.name)
        self.chart.node(node, Kind.GATE, lines(*told, *self._told(step.name, gate.name), head=words(gate.name)))
        answers = {answer for command, answer in self.seen.answers if command in kinds}
        unheard = idle(self.steps, self.seen)
        for answer in sorted(answers, key=lambda answer: answer.__name__):
            if kind_of(answer) is Kind.ANSWER and answer not in unheard:
                self.chart.edge(node, answer.__name__)

    def _told(self, step: str, name: str) -> list[str]:
        opened = ((s, g) for cause, s, g in self.seen.opens if (cause.step, cause.name) == (step, name))
        kinds = {kind.__name__ for gate in opened for kind in self.telling.get(gate, ())}
        return [f"tells {', '.join(sorted(kinds))}"] if kinds else []
