"""How a command becomes a request, and the answer to it becomes events."""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from b2b2c_saga.bus.json_text import validated
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.base import camel
from b2b2c_saga.model.words import NOT_STATED, Identifier, Party, Recipient, cut, one_line

INITIALS = 2
"""Characters of a name that alone tell nobody's, and stand in many other words."""
HIDDEN = "***"
NO_REASON = "no reason given"
BUSY = "BUSY"
CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""A word that a program says; a sentence in its place may name somebody."""
ABOUT_WHAT_WAS_ASKED = {
    HTTPStatus.OK,
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
NOT_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class MeaninglessAnswer(Exception):  # noqa: N818 - says what the answer is
    """An answer that means nothing we know. Says the status and the fields, never a value.

    `of_the_system`: false if it may as well be the word of something in between, such as a proxy's page.
    """

    def __init__(self, reason: str, *, of_the_system: bool = True) -> None:
        super().__init__(reason)
        self.of_the_system = of_the_system


class Body(BaseModel):
    """What an outside system says, camelCase; more than we know is passed over."""

    model_config = ConfigDict(frozen=True, alias_generator=camel, validate_by_name=True, validate_by_alias=True)


Reason = Annotated[str, BeforeValidator(lambda told: one_line(told) or NO_REASON)]
"""Free text, which decides nothing. It is cut by `short`, once the consumer is left out of it."""
Theirs = Annotated[Identifier, Field(coerce_numbers_to_str=True)]
"""What a system calls a thing of its own; one that counts its things may tell a JSON number."""

Compared = Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]
"""What is held against ours, and kept nowhere: it may be anything at all."""


class Problem(Body):
    """Why a system does not do it."""

    code: str
    reason: Reason = NO_REASON


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: an effect (POST, JSON body) or a question (GET, query).

    `tax_id` is whose calls it counts among, where a system counts them by tax id and not by seller account.
    """

    path: str
    body: dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict)
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer over HTTP."""

    status: int
    body: bytes

    def read(self, kind: type[B]) -> B:
        """The body.

        Raises:
            MeaninglessAnswer: it is not of that kind.
        """
        try:
            return validated(kind, self.body, by_name=True)
        except ValidationError as error:
            places = {".".join(map(str, e["loc"])) or "body" for e in error.errors(include_input=False)}
            reason = f"status {self.status}, not as agreed: {', '.join(sorted(places))}"
            raise MeaninglessAnswer(reason, of_the_system=self._is_of_the_system) from None

    def done(self, kind: type[B]) -> B:
        """The body of a success; to be asked for where nothing else is left to expect.

        Raises:
            MeaninglessAnswer: it is none, or not of that kind.
        """
        if self.status != HTTPStatus.OK:
            raise self.unexpected()
        return self.read(kind)

    @property
    def is_refused(self) -> bool:
        """Understood, and a rule of the system says no."""
        return self.status == HTTPStatus.UNPROCESSABLE_ENTITY

    @property
    def problem(self) -> Problem:
        """Why not; to be asked for an answer that is no success.

        Raises:
            MeaninglessAnswer: it doesn't say.
        """
        return self.read(Problem)

    @property
    def is_not_now(self) -> bool:
        """No business answer: somebody else is at it, too many calls, too early."""
        if self.status != HTTPStatus.CONFLICT:
            return self.status in NOT_NOW
        try:
            return self.problem.code == BUSY
        except MeaninglessAnswer:
            return False

    def unexpected(self) -> MeaninglessAnswer:
        """For an answer that the command can't have."""
        try:
            code, says_why = self.problem.code, True
        except MeaninglessAnswer:
            code, says_why = "none", False
        code = code if CODE.fullmatch(code) else "in other words"
        reason = f"status {self.status} unexpected, code {code}"
        return MeaninglessAnswer(reason, of_the_system=says_why or self._is_of_the_system)

    @property
    def _is_of_the_system(self) -> bool:
        """JSON, and a status that is about what was asked: no proxy's page, and no 401 of a guard at the door."""
        return self.status in ABOUT_WHAT_WAS_ASKED and self.body.lstrip().startswith(b"{")


Conversation = Generator[Request, Heard, Sequence[Event]]
"""Requests one after the other, each sent the answer to it; in the end what it all means."""

Exchange = Callable[[Any], Conversation]
"""The conversation for a command. Raises `MeaninglessAnswer` for an answer that it can't tell the meaning of."""

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


def company(party: Party) -> dict[str, str]:
    """Who a company is, and its account in the brand's books."""
    return {"legalName": party.legal_name, "gstin": party.gstin, "accountCode": party.account_code}


def short(reason: str | None, recipient: Recipient | None = None) -> str:
    """A reason, cut to what an event may hold; the consumer's name, street, PIN code and numbers are left out of it."""
    told = one_line(reason) or NO_REASON
    if recipient:
        places = (recipient.shipping_address, recipient.billing_address)
        personal = {recipient.name, recipient.phone, recipient.email}
        personal |= {text for place in places for text in (place.line, place.pin)}
        personal -= {NOT_STATED}
        if recipient.name in personal:
            personal |= {word for word in recipient.name.split() if len(word) > INITIALS}
        words = sorted(personal, key=len)
        told = re.sub("|".join(map(re.escape, reversed(words))), HIDDEN, told, flags=re.IGNORECASE)
    return cut(told)
