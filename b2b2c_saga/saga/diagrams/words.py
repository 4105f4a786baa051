"""How steps, gates and messages are called in a drawing."""

from b2b2c_saga.model.messages import Command, Event, Message, answers
from b2b2c_saga.saga.diagrams.mermaid import Kind

ACRONYMS = {"erp", "rms", "wms"}


def words(name: str) -> str:
    """A name of the code, as it is read."""
    return name.replace("_", " ")


def meaning(told: str | None) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((told or "").strip().split("\n\n")[0].split())


def system(topic: str) -> str:
    """Who acts on the commands of a topic; of other topics, the topic itself."""
    name = topic.removeprefix("commands.")
    if name == topic:
        return f"topic {topic}"
    return name.upper() if name in ACRONYMS else name.capitalize()


def where_to(kind: type[Message]) -> str:
    """The systems or topics that a message may go to."""
    return "to " + " or ".join(map(system, sorted(kind.travels_on())))


def kind_of(message: type[Message]) -> Kind:
    """A command, an answer to one, news from upstream, or something told."""
    if issubclass(message, Command):
        return Kind.COMMAND
    if issubclass(message, Event):
        return Kind.ANSWER if message.__module__ == answers.__name__ else Kind.UPSTREAM
    return Kind.MESSAGE
