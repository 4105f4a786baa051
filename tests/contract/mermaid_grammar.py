"""A strict reader of the Mermaid that we write: what it can't read, Mermaid may not draw."""

import re
from dataclasses import dataclass, field

LABEL = r'"(?P<label>[^"<>`\\]*(?:<(?:br/|b|/b)>[^"<>`\\]*)*)"'
BRACKETS = (("(", ")"), ("[", "]"), ("{{", "}}"), ("[[", "]]"), ("[/", "/]"), (">", "]"))
SHAPES = [re.compile(rf"(?P<id>\w+){re.escape(o)}{LABEL}{re.escape(c)}:::(?P<look>\w+)") for o, c in BRACKETS]
EDGE = re.compile(r"(?P<start>\w+) (?P<arrow>-->|--x|-\.->|-\.-x)(?:\|(?P<label>[\w ]+)\|)? (?P<end>\w+)")
LOOK = re.compile(r"classDef (?P<name>\w+) [a-z-]+:[#\w ]+(?:,[a-z-]+:[#\w ]+)*")
MOVE = re.compile(r"(?P<start>\[\*\]|[A-Z_]+) --> (?P<end>[A-Z_]+): (?P<label>[\w ()]+(?:<br/>[\w ()]+)*)")
RESERVED = {"end", "graph", "flowchart", "subgraph", "class", "classDef", "style", "click", "default", "direction"}


@dataclass
class Chart:
    """What a chart says."""

    labels: dict[str, str] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)


def blocks(markdown: str) -> list[str]:
    """The Mermaid blocks of a page."""
    found = re.findall(r"^```mermaid\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)
    assert markdown.count("```") == 2 * len(found), "a fence is not closed"
    return found


def read(text: str) -> Chart:
    """The chart, or an AssertionError that names the line."""
    head, *body = text.removesuffix("\n").split("\n")
    if head == "stateDiagram-v2":
        return _states(body)
    assert head == '%%{init: {"flowchart": {"nodeSpacing": 18, "rankSpacing": 45}}}%%', head
    assert body[0] in {"flowchart LR", "flowchart TB"}, body[0]
    return _flow(body[1:])


def _states(body: list[str]) -> Chart:
    chart = Chart()
    assert body[0] in {"  direction TB", "  direction LR"}, body[0]
    for line in body[1:]:
        move = MOVE.fullmatch(line.removeprefix("  "))
        assert move, line
        chart.edges.append((move["start"], move["end"]))
        chart.labels[f"{move['start']} {move['end']}"] = move["label"]
    return chart


def _flow(body: list[str]) -> Chart:
    chart, looks, used, arrows = Chart(), set(), set(), set()
    for line in (indented.removeprefix("  ") for indented in body):
        if edge := EDGE.fullmatch(line):
            assert edge.groups() not in arrows, f"said twice: {line}"
            arrows.add(edge.groups())
            chart.edges.append((edge["start"], edge["end"]))
        elif look := LOOK.fullmatch(line):
            looks.add(look["name"])
        else:
            node = next((found for shape in SHAPES if (found := shape.fullmatch(line))), None)
            assert node, line
            assert node["id"] not in chart.labels, f"declared twice: {line}"
            assert node["id"] not in RESERVED, line
            assert not re.search(r"[#&](?!\d+;)", node["label"]), line
            chart.labels[node["id"]] = node["label"]
            used.add(node["look"])
    assert looks == used
    assert {name for edge in chart.edges for name in edge} <= chart.labels.keys(), "an edge to nowhere"
    return chart
