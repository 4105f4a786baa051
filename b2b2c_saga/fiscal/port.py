"""The port: what every invoice provider can be asked, and which there are."""

import re
from typing import Protocol

from b2b2c_saga.fiscal.en16931 import En16931
from b2b2c_saga.fiscal.india import IndiaInv01
from b2b2c_saga.fiscal.payload import JSON, Documented
from b2b2c_saga.model.terms import Capabilities, Provider


class InvoiceProvider(Protocol):
    """The rules that B2B documents follow somewhere."""

    @property
    def capabilities(self) -> Capabilities:
        """The usual ones; an account's terms may narrow them."""

    @property
    def number_pattern(self) -> re.Pattern[str]:
        """What the whole of a document's number must match for the registry to take it."""

    def payloads(self, command: Documented) -> tuple[JSON, ...]:
        """One for each of the command's documents, in their order.

        Raises:
            BadInput: a payload that the registry would not take: the field's path, what was found there (unless it is
                personal) and the rule.
        """

    def references(self, command: Documented) -> tuple[str, ...]:
        """What the registry will call each of the command's documents, known before it is asked."""


def provider(name: Provider, *, check_gstins: bool = True) -> InvoiceProvider:
    """The provider of that name.

    Args:
        name: As the account's terms give it.
        check_gstins: Refuse a GSTIN whose check character is wrong. Public sandboxes use such GSTINs.
    """
    match name:
        case Provider.INDIA_INV01:
            return IndiaInv01(check_gstins=check_gstins)
        case Provider.EN16931:
            return En16931()
