"""YAML as it is written: each value a text, a list or named fields, and for each the line it stands on.

No value is guessed at: `07` stays a state code, `449.10` keeps its paise, `no` is not a claim. What a text means is
said by the field that it is written for (`entries.py`). Anchors, aliases, tags and further documents are refused, so
that everything stands where it holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from b2b2c_saga.config.mistakes import Mistake, Place, Where

Value: TypeAlias = str | list["Value"] | dict[str, "Value"] | None
DEEPEST = 20
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml, where it is built in: ten times as quick."""


@dataclass
class Written:
    """What one or more files say, where they say it, and what of it can't be read."""

    values: dict[str, Value] = field(default_factory=dict)
    places: dict[Where, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    readable: bool = True
    """To the end. Of what is not, nobody knows what it lacks."""

    def place(self, where: Where) -> Place:
        """The line of a value, or of the innermost part that it is missing in."""
        while where not in self.places:
            where = where[:-1]
        return self.places[where]

    def wrong(self, where: Where, rule: str) -> Mistake:
        """A mistake at that value; it is shown if it is a text."""
        value: object = self.values
        for part in where:
            if isinstance(value, dict | list):
                value = _part(value, part)
        return Mistake(self.place(where), where, rule, value if isinstance(value, str) else None)


class _Unreadable(Exception):  # noqa: N818 - caught below
    """The rest of the file can't be read."""

    def __init__(self, line: int, rule: str) -> None:
        super().__init__(line, rule)
        self.line, self.rule = line, rule


def read_written(file: str, content: bytes) -> Written:
    """What a file says; all that is wrong with it is among the mistakes."""
    found = Written(places={(): Place(file)})
    line, rule = 0, ""
    try:
        value = _Reader(file, content.decode("utf-8-sig"), found).document()
        if isinstance(value, dict):
            found.values = value
        elif value is not None:
            line, rule = 1, "must be sections by name, such as `accounts:`"
    except UnicodeDecodeError as error:
        line, rule = content[: error.start].count(b"\n") + 1, "is not text in UTF-8"
    except _Unreadable as error:
        line, rule = error.line, error.rule
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        rule = f"is not YAML: {getattr(error, 'problem', None) or 'a character that YAML does not allow'}"
    if rule:
        found.readable = False
        found.mistakes.append(Mistake(Place(file, line), (), rule))
    return found


class _Reader:
    """Builds values from the parser's events."""

    def __init__(self, file: str, text: str, found: Written) -> None:
        self.file, self.found = file, found
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=LOADER)

    def document(self) -> Value:
        """The only document; None for an empty file."""
        next(self.events)  # the stream's beginning
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        value = self.value(next(self.events), ())
        next(self.events)  # the document's end
        if not isinstance(after := next(self.events), yaml.StreamEndEvent):
            raise _Unreadable(_line(after), "a second document begins here: one file, one document")
        return value

    def value(self, event: yaml.Event, where: Where) -> Value:
        """The value that begins with this event."""
        if not isinstance(event, yaml.NodeEvent) or isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _Unreadable(_line(event), "anchors and aliases are not read: write the value where it holds")
        if getattr(event, "tag", None) is not None:
            raise _Unreadable(_line(event), "tags are not read: write the plain value")
        if len(where) > DEEPEST:
            raise _Unreadable(_line(event), f"more than {DEEPEST} parts inside each other")
        if isinstance(event, yaml.MappingStartEvent):
            return self.fields(where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.items(where)
        assert isinstance(event, yaml.ScalarEvent)
        return None if event.implicit[0] and event.value in NOTHING else str(event.value)

    def fields(self, where: Where) -> dict[str, Value]:
        """Values by name; of a name that is written twice the first counts, and the second is a mistake."""
        values: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name = self.value(event, where)
            if not isinstance(name, str):
                raise _Unreadable(_line(event), "a name must be a text")
            mine = (*where, name)
            if name in values:
                rule = f"is written twice: on line {self.found.places[mine].line} too"
                self.found.mistakes.append(Mistake(Place(self.file, _line(event)), mine, rule))
                self.skip()
            else:
                self.found.places[mine] = Place(self.file, _line(event))
                values[name] = self.value(next(self.events), mine)
        return values

    def items(self, where: Where) -> list[Value]:
        """A list's values."""
        values: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            mine = (*where, len(values))
            self.found.places[mine] = Place(self.file, _line(event))
            values.append(self.value(event, mine))
        return values

    def skip(self) -> None:
        """Pass over one value."""
        depth = 0
        while True:
            event = next(self.events)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return


def _part(value: dict[str, Value] | list[Value], part: str | int) -> Value:
    if isinstance(value, dict):
        return value.get(str(part))
    return value[int(part)]


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0
