"""How a command becomes a request, and the answer to it becomes events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from b2b2c_saga.model.messages import Command, Event

REASON_AT_MOST = 200


class Unreadable(Exception):  # noqa: N818 - says what the answer is
    """An answer that means nothing we know: taken for no answer. Says the status and the fields, never a value."""


class Body(BaseModel):
    """What an outside system says, camelCase; more than we know is passed over."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)


class Problem(Body):
    """Why a system does not do it."""

    code: str
    reason: str


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: an effect (POST, JSON body) or a question (GET, query)."""

    path: str
    body: dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer over HTTP."""

    status: int
    body: bytes

    def read(self, kind: type[B]) -> B:
        """The body.

        Raises:
            Unreadable: it is not of that kind.
        """
        try:
            return kind.model_validate_json(self.body)
        except ValidationError as error:
            places = {".".join(map(str, e["loc"])) or "body" for e in error.errors(include_input=False)}
            raise Unreadable(f"status {self.status}, not as agreed: {', '.join(sorted(places))}") from None

    @property
    def problem(self) -> Problem:
        """Why not; to be asked for an answer that is no success.

        Raises:
            Unreadable: it doesn't say.
        """
        return self.read(Problem)

    def unexpected(self) -> Unreadable:
        """For an answer that the command can't have."""
        try:
            code = self.problem.code[:REASON_AT_MOST]
        except Unreadable:
            code = "none"
        return Unreadable(f"status {self.status} unexpected, code {code}")


Ask = Callable[[Any, Heard | None], Request]
"""A request, from the command and the answer to the request before it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is asked for a command, one request after the other, and what the last answer means.

    A request that is not answered with 200 is the last. `hear` raises `Unreadable` for what it can't tell.
    """

    asks: Sequence[Ask]
    hear: Callable[[Any, Heard], Sequence[Event]]


Exchanges = dict[type[Command], Exchange]


def of_order(command: Command, *names: str) -> dict[str, Any]:
    """A request's body: account, order code (the identifier everywhere, seed 3.2) and fields of these names."""
    whole: dict[str, Any] = command.model_dump(
        mode="json", exclude_none=True, include={"account", "order_code", *names}
    )
    return whole


def names_of(command: Command, *names: str) -> dict[str, Any]:
    """What an answer repeats of its command: account, order code and fields of these names."""
    return {name: getattr(command, name) for name in ("account", "order_code", *names)}


def short(reason: str | None) -> str:
    """A reason, cut to what an event may hold."""
    return (reason or "no reason given")[:REASON_AT_MOST]
