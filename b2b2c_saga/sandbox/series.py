"""The brand's series of numbers, step 3.1: consecutive for each seller, type of document and financial year.

A number of a series serves the one document that it was given for (CGST Rules 46(b) and 53). The order gets a number
of its own, once.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from b2b2c_saga.sandbox.answers import invalid, refused
from b2b2c_saga.sandbox.documents import Whole
from b2b2c_saga.sandbox.india_time import day_in_india
from b2b2c_saga.sandbox.inv01 import year_of
from b2b2c_saga.sandbox.payloads import Wrong
from b2b2c_saga.sandbox.system import Answer, Desk, OfOrder
from b2b2c_saga.sandbox.tables import BILL_OF_SUPPLY, CREDIT_NOTE, INVOICE

LETTERS = {
    "erp": {INVOICE: "E", BILL_OF_SUPPLY: "B", CREDIT_NOTE: "C"},
    "rms": {INVOICE: "R", BILL_OF_SUPPLY: "S", CREDIT_NOTE: "D"},
}
"""The first of a number, by system and type: two series of one seller never have a number in common."""
OF_A_SERIES = r"[{letters}]/[0-9]{{2}}-[0-9]{{2}}/[0-9]{{8}}"
OF_AN_ORDER = r"SO-[0-9]{8}"
SELLER = r"[0-9A-Z]{2,20}"


class NumbersWanted(OfOrder):
    """Numbers for a document of a shipment, one for each part; of a reversal, if it is a credit note."""

    shipment_id: str
    reversal: str | None = None
    type: Literal["INV", "BIL", "CRN"]
    seller_gstin: str
    document_time: AwareDatetime
    count: Annotated[int, Field(ge=1, le=10_000)]


def give_numbers(desk: Desk, asked: NumbersWanted) -> Answer:
    """The next ones of the series, and the order's own."""
    if not re.fullmatch(SELLER, asked.seller_gstin):
        return invalid(Wrong("sellerGstin", f"a text like {SELLER}"))
    if (asked.type == CREDIT_NOTE) != (asked.reversal is not None):
        return invalid(Wrong("reversal", "with a credit note, and with no other document"))
    about = asked.model_dump(include={"account", "order_code", "shipment_id", "reversal", "type", "seller_gstin"})
    named = ("account", "order_code", "shipment_id", "reversal")
    if desk.faults(asked.account, asked.order_code).refuse_number > desk.chance(
        "refuse_number", *(about[name] for name in named)
    ):
        return refused("the brand's system has no open series for this seller")
    year = year_of(day_in_india(asked.document_time.timestamp()))
    letter = LETTERS[desk.system][asked.type]
    about |= {"financial_year": year, "order_number": _order_number(desk, asked), "given_at": desk.now}
    given = []
    for _ in range(asked.count):
        serial = desk.book.next_serial(f"{letter} {asked.seller_gstin} {year}")
        given.append(f"{letter}/{year[2:]}/{serial:08}")
        desk.book.add("numbers", about | {"serial": serial, "number": given[-1]})
    return Answer({"orderNumber": about["order_number"], "documentNumbers": given})


def check_numbers(desk: Desk, whole: Whole, reversal: str | None = None) -> None:
    """Each number that looks like one of a series was given for this very document, and no other has it.

    Raises:
        Wrong: it wasn't, or another has.
    """
    form = OF_A_SERIES.format(letters="".join(LETTERS[desk.system].values()))
    about = {name: whole.row[name] for name in ("account", "order_code", "shipment_id", "type", "financial_year")}
    about["reversal"] = reversal
    for part in whole.parts:
        if not re.fullmatch(form, part.number):
            continue
        given = desk.book.find("numbers", seller_gstin=whole.seller_gstin, number=part.number)
        if given is None or any(given[name] != value for name, value in about.items()):
            rule = "a number of the series is for the order, shipment, reversal, type and year it was given for"
            raise Wrong("documents.documentNumber", rule)
        if _is_of_another(desk, whole.row, part.number):
            raise Wrong("documents.documentNumber", "a number of the series is for one document")


def check_order_number(desk: Desk, asked: OfOrder, number: str | None) -> None:
    """One that looks like ours is the order's.

    Raises:
        Wrong: it isn't.
    """
    if number is None or not re.fullmatch(OF_AN_ORDER, number):
        return
    given = desk.book.find("numbers", account=asked.account, order_code=asked.order_code)
    if given is None or given["order_number"] != number:
        raise Wrong("orderNumber", "the number that the order was given")


def _order_number(desk: Desk, asked: OfOrder) -> str:
    if before := desk.book.find("numbers", account=asked.account, order_code=asked.order_code):
        return str(before["order_number"])
    serial = desk.book.next_serial("orders")
    faults = desk.faults(asked.account, asked.order_code)
    is_odd = faults.odd_names > desk.chance("odd_names", asked.account, asked.order_code)
    return f"SO/{serial:04} (№ {serial})" if is_odd else f"SO-{serial:08}"


def _is_of_another(desk: Desk, row: dict[str, Any], number: str) -> bool:
    order = {"account": row["account"], "order_code": row["order_code"]}
    others = (other for table in ("invoices", "credit_notes") for other in desk.book.find_all(table, **order))
    return any(
        part["document_number"] == number
        for other in others
        if other["document_number"] != row["document_number"]
        for part in other["parts"]
    )
