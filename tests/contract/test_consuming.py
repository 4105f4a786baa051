"""docs/consuming.md: the topics for others, as they are."""

import re
from pathlib import Path

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.model.messages import BY_TYPE, IntegrationEvent

DOCS = Path(__file__).parents[2] / "docs"
DOC = (DOCS / "consuming.md").read_text(encoding="utf-8")


def test_each_topic_for_others_is_there_with_its_messages():
    told = {
        cells[1].strip("` "): set(re.findall(r"\[`(\w+)`\]", cells[2]))
        for cells in (line.split("|") for line in DOC.splitlines() if line.startswith("| `b2b2c."))
    }
    topics = load_topics()
    ours: dict[str, set[str]] = {}
    for kind in BY_TYPE.values():
        if issubclass(kind, IntegrationEvent):
            for short in kind.travels_on():
                ours.setdefault(topics.name(short), set()).add(kind.__name__)
    assert told == ours


def test_each_link_leads_somewhere():
    assert [link for link in re.findall(r"\]\(([^)#:]+)\)", DOC) if not (DOCS / link).exists()] == []
