"""India: INV-01 v1.1, the e-invoice as the registration portal (IRP) takes it.

Amounts: `AssAmt` is the line's taxable value. The portal wants AssAmt = TotAmt - Discount (its error 2193), so `TotAmt`
is the same and `Discount` is 0; then invoice and credit notes add up in each field. `UnitPrice` has three places at
most: what AssAmt comes to per unit, half up, as the open-source app `india-compliance` has it. So Qty x UnitPrice is
within Qty x 0.0005 of TotAmt; exactly, it would have no end of places. What lines are off their prices, where no base
fits a price within a state, `RndOffAmt` makes up.

`ContrDtls` names both orders: `PORefr` is the marketplace order id (seed 3.2), `ExtRefr` the order in the brand's
system. One that does not fit is left out: the field is optional, and half an order id finds nothing.
"""

import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from b2b2c_saga.fiscal import india_rules
from b2b2c_saga.fiscal.payload import JSON, Documented, JSONValue, number, schema_check
from b2b2c_saga.model.documents import day_in_india, financial_year, irn
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, FiscalDocument, Transport
from b2b2c_saga.model.terms import Capabilities, Provider, Rounding
from b2b2c_saga.model.words import Address, Moment, Party, Recipient

CAPABILITIES = Capabilities(
    provider=Provider.INDIA_INV01,
    void_window=timedelta(hours=24),
    lines_at_most=1000,
    rounding=Rounding.LINE,
    round_total_to=Decimal("0.01"),
    report_within=timedelta(days=30),
    credit_until=(11, 30),
    exempt_reported=False,
)
NUMBER = re.compile(r"[A-Z1-9][A-Z0-9/-]{0,15}")
LONGEST = 100
"""Characters of a name or of one line of an address."""
SHORTEST = 3
LONGEST_DESCRIPTION = 300

_PO_REFERENCE = re.compile(r"[0-9A-Za-z/-]{1,16}")
_OTHER_REFERENCE = re.compile(r'[^"\\\x00-\x1f]{1,20}')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_check = schema_check("inv01.schema.json", personal="ShipDtls")


class IndiaInv01:
    """The provider for India."""

    capabilities = CAPABILITIES
    number_pattern = NUMBER

    def __init__(self, *, check_gstins: bool = True) -> None:
        self._check_gstins = check_gstins

    def payloads(self, command: Documented) -> tuple[JSON, ...]:
        """INV-01 for each document.

        Raises:
            BadInput: the portal would not take one of them.
        """
        made = tuple(_payload(command, document) for document in command.documents)
        for payload in made:
            _check(payload)
            india_rules.check(payload, check_gstins=self._check_gstins)
        return made

    def references(self, command: Documented) -> tuple[str, ...]:
        """The IRNs, in the financial year of each document's date in India; the number of what is not registered."""
        return tuple(
            irn(command.seller.gstin, financial_year(day_in_india(one.dated)), one.type, one.number)
            if one.is_reported
            else one.number
            for one in command.documents
        )


def _payload(command: Documented, document: FiscalDocument) -> JSON:
    seller, buyer = command.seller, command.buyer
    payload: JSON = {
        "Version": "1.1",
        "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B", "RegRev": "N", "IgstOnIntra": "N"},
        "DocDtls": {"Typ": document.type.value, "No": document.number, "Dt": _date(document.dated)},
        "SellerDtls": _party(seller),
        "BuyerDtls": {**_party(buyer), "Pos": buyer.gstin[:2]},
        "ItemList": [_item(n, line) for n, line in enumerate(document.lines, 1)],
        "ValDtls": _values(document),
    }
    if seller.shipping_address != seller.billing_address:
        payload["DispDtls"] = {"Nm": seller.legal_name, **_place(seller.shipping_address)}
    if command.recipient:
        payload["ShipDtls"] = _consumer(command.recipient)
    if references := _references(command, document):
        payload["RefDtls"] = references
    if isinstance(command, RegisterInvoice) and command.transport:
        payload["EwbDtls"] = _eway_bill(command.transport)
    return payload


def _references(command: Documented, document: FiscalDocument) -> JSON:
    """The document before it, and the order: on the marketplace, and in the brand's system."""
    references: JSON = {}
    if document.preceding:
        undone = document.preceding
        references["PrecDocDtls"] = [{"InvNo": undone.number, "InvDt": _date(undone.dated)}]
    order: JSON = {}
    if _PO_REFERENCE.fullmatch(command.order_code):
        order["PORefr"] = command.order_code
    order_number = command.order_number if isinstance(command, RegisterInvoice) else None
    if order_number and _OTHER_REFERENCE.fullmatch(order_number):
        order["ExtRefr"] = order_number
    if order:
        references["ContrDtls"] = [order]
    return references


def _eway_bill(transport: Transport) -> JSON:
    """The portal works a distance of 0 out from the two PIN codes."""
    return {"TransId": transport.transporter_id, "TransName": transport.transporter_name, "Distance": 0}


def _party(party: Party) -> JSON:
    return {"Gstin": party.gstin, "LglNm": party.legal_name, **_place(party.billing_address)}


def _place(address: Address) -> JSON:
    """A long line goes on in `Addr2`, which has three characters at least."""
    cut = min(LONGEST, len(address.line) - SHORTEST) if len(address.line) > LONGEST else LONGEST
    place: JSON = {"Addr1": address.line[:cut], "Loc": address.city, "Pin": int(address.pin), "Stcd": address.state}
    if rest := address.line[cut:]:
        place["Addr2"] = rest
    return place


def _consumer(recipient: Recipient) -> JSON:
    """B2B2C: the goods go to the consumer, an unregistered person, who is named here and nowhere else.

    What a consumer is called must not stop an invoice: it is a label, made to fit, where a company's name is refused.
    """
    address = recipient.shipping_address
    fitting = Address(_plain(address.line), _fitting(address.city), address.pin, address.state)
    return {"Gstin": "URP", "LglNm": _fitting(recipient.name), **_place(fitting)}


def _fitting(text: str, longest: int = LONGEST) -> str:
    return _plain(text).ljust(SHORTEST, ".")[:longest]


def _plain(text: str) -> str:
    """INV-01 takes neither quotation mark nor backslash, and a line break has no place in a label."""
    return _CONTROL.sub(" ", text).replace('"', "'").replace("\\", "/")


def _item(n: int, line: DocumentLine) -> JSON:
    """Described by the product's name; orders taken in before names were kept have the SKU alone."""
    taxable = number(line.taxable_value)
    return {
        "SlNo": str(n),
        "PrdDesc": _fitting(line.description or line.sku, LONGEST_DESCRIPTION),
        "IsServc": "N",
        "HsnCd": line.hsn_code,
        "Qty": line.quantity,
        "Unit": line.unit,
        "UnitPrice": number((line.taxable_value / line.quantity).quantize(Decimal("0.001"), ROUND_HALF_UP)),
        "TotAmt": taxable,
        "Discount": 0,
        "AssAmt": taxable,
        "GstRt": number(line.gst_rate),
        "IgstAmt": number(line.igst),
        "CgstAmt": number(line.cgst),
        "SgstAmt": number(line.sgst),
        "TotItemVal": number(line.total),
    }


def _values(document: FiscalDocument) -> dict[str, JSONValue]:
    def over_lines(field: str) -> float:
        return number(sum((getattr(line, field) for line in document.lines), Decimal(0)))

    return {
        "AssVal": over_lines("taxable_value"),
        "IgstVal": over_lines("igst"),
        "CgstVal": over_lines("cgst"),
        "SgstVal": over_lines("sgst"),
        "RndOffAmt": number(document.round_off),
        "TotInvVal": number(document.total),
    }


def _date(at: Moment) -> str:
    return day_in_india(at).strftime("%d/%m/%Y")
