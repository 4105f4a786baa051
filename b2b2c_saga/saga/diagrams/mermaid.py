"""Mermaid as text: labels in quotes, identifiers of letters, digits and underscores."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a node stands for: it decides shape and colours."""

    UPSTREAM = "upstream"
    ANSWER = "answer"
    CONDITION = "condition"
    TIME = "time"
    GATE = "gate"
    COMMAND = "command"
    MESSAGE = "message"
    ELSEWHERE = "elsewhere"


SHAPES = {
    Kind.UPSTREAM: ("(", ")"),
    Kind.ANSWER: ("(", ")"),
    Kind.CONDITION: ("[", "]"),
    Kind.TIME: ("{{", "}}"),
    Kind.GATE: ("[[", "]]"),
    Kind.COMMAND: ("[/", "/]"),
    Kind.MESSAGE: (">", "]"),
    Kind.ELSEWHERE: ("[", "]"),
}
LOOKS = {
    Kind.UPSTREAM: "fill:#e3f2fd,stroke:#1565c0,color:#0d2b4d",
    Kind.ANSWER: "fill:#e0f2f1,stroke:#00796b,color:#00332e",
    Kind.CONDITION: "fill:#fffde7,stroke:#b59a00,color:#3d3500",
    Kind.TIME: "fill:#fff3e0,stroke:#e65100,color:#4d2600",
    Kind.GATE: "fill:#e8f5e9,stroke:#2e7d32,color:#12360f,stroke-width:2px",
    Kind.COMMAND: "fill:#f3e5f5,stroke:#6a1b9a,color:#33084d",
    Kind.MESSAGE: "fill:#fce4ec,stroke:#ad1457,color:#4d0622",
    Kind.ELSEWHERE: "fill:#fafafa,stroke:#8a8a8a,color:#333,stroke-dasharray:4 3",
}
"""Ink and paper are both set, so that a dark page swallows neither."""


class Arrow(StrEnum):
    """How one thing bears on another."""

    LEADS_TO = "-->"
    ENDS = "--x"
    LOOSELY = "-.->"
    NEVER_SEEN = "-.-x"


CLOSE = '%%{init: {"flowchart": {"nodeSpacing": 18, "rankSpacing": 45}}}%%'
"""Nodes stand closer than Mermaid would have them, so that a chart fits a page."""


def quoted(text: str) -> str:
    """A text in which nothing means anything to Mermaid or to HTML."""
    return re.sub(r'["<>#&;`\\]', lambda sign: f"#{ord(sign[0])};", text)


def lines(*texts: str, head: str = "") -> str:
    """A label of several lines, under a head in bold; here only is HTML made."""
    told = [f"<b>{quoted(head)}</b>"] if head else []
    return "<br/>".join((*told, *map(quoted, texts)))


def identifier(*names: str) -> str:
    """Of a node: the same for the same names."""
    return "_".join(re.sub(r"\W+", "_", name) for name in names)


@dataclass
class Flowchart:
    """A flowchart as it grows: nodes and edges are declared once, and stay in the order in which they came."""

    direction: str = "LR"
    nodes: dict[str, tuple[Kind, str]] = field(default_factory=dict)
    edges: dict[tuple[str, str, Arrow, str], None] = field(default_factory=dict)

    def node(self, name: str, kind: Kind, label: str) -> str:
        """Declares a node, of a label made by `lines`; returns its name."""
        self.nodes.setdefault(name, (kind, label))
        return name

    def edge(self, start: str, end: str, arrow: Arrow = Arrow.LEADS_TO, label: str = "") -> None:
        """Declares an edge."""
        self.edges.setdefault((start, end, arrow, label))

    def text(self) -> str:
        """The whole chart."""
        return "\n".join((CLOSE, f"flowchart {self.direction}", *(f"  {line}" for line in self._lines()))) + "\n"

    def _lines(self) -> Iterator[str]:
        for name, (kind, label) in self.nodes.items():
            opening, closing = SHAPES[kind]
            yield f'{name}{opening}"{label}"{closing}:::{kind}'
        for start, end, arrow, label in self.edges:
            yield f"{start} {arrow}{f'|{label}|' if label else ''} {end}"
        used = {kind for kind, _ in self.nodes.values()}
        yield from (f"classDef {kind} {look}" for kind, look in LOOKS.items() if kind in used)
