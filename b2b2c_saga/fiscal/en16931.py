"""EN 16931, as in Peppol BIS Billing 3: invoice (type 380) and credit note (381); nothing can be voided.

The semantic model as JSON; an access point writes it as UBL and adds the endpoints (BT-34, BT-49). Where each field
stands in the standard:

- BT-1 number, BT-2 issueDate, BT-3 typeCode, BT-5 currency, BT-13 orderReference (the marketplace order id), BT-14
  salesOrderReference (the order in the brand's system), BT-20 paymentTerms, BT-23 process, BT-24 specification, BG-3
  precedingInvoices (BT-25, BT-26);
- BG-4 seller (BT-27 name, BT-31 vatIdentifier, BG-5 address), BG-7 buyer (BT-44, BT-48, BG-8), BG-13 delivery (BT-70
  name, BG-15 address): the consumer, and the one personal part;
- BG-25 lines: BT-126 id, BT-129 quantity, BT-130 unitCode, BT-131 netAmount, BT-146 netPrice for as many as BT-149
  priceBaseQuantity, BT-151 taxCategory, BT-152 taxRate, BT-153 itemName, BT-155 sellersItemId, BT-158 classification;
- BG-23 taxBreakdown: BT-116 taxableAmount, BT-117 taxAmount, BT-118 category, BT-119 rate;
- BG-22 totals: BT-106 lineNetAmount, BT-109 withoutTax, BT-110 tax, BT-112 withTax, BT-114 rounding, BT-115 due.

Tax is rounded once for all lines of a category and rate (BR-CO-17). What is due is the sum of the tax-included prices;
the rounding amount (BR-CO-16) is what the two differ by.
"""

import re
from collections import defaultdict
from decimal import Decimal

from b2b2c_saga.fiscal import en16931_rules
from b2b2c_saga.fiscal.payload import JSON, Documented, JSONValue, number, schema_check
from b2b2c_saga.fiscal.units import unece_code
from b2b2c_saga.model.documents import day_in_india
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument
from b2b2c_saga.model.taxes import supplied_within_state
from b2b2c_saga.model.terms import Capabilities, Provider, Rounding
from b2b2c_saga.model.words import Address, Party, to_paisa

CAPABILITIES = Capabilities(
    provider=Provider.EN16931,
    void_window=None,
    lines_at_most=10_000,
    rounding=Rounding.GROUP,
    round_total_to=Decimal("0.01"),
    report_within=None,
    credit_until=None,
    exempt_reported=True,
)
NUMBER = re.compile(r"\S(.{0,198}\S)?")
"""Any text, as long as a message may carry it."""
TYPE_CODES = {DocumentType.INVOICE: 380, DocumentType.CREDIT_NOTE: 381}
"""UNTDID 1001."""

_check = schema_check("en16931.schema.json", personal="delivery")


class En16931:
    """The provider for where EN 16931 holds."""

    capabilities = CAPABILITIES
    number_pattern = NUMBER

    def payloads(self, command: Documented) -> tuple[JSON, ...]:
        """One for each document.

        Raises:
            BadInput: one contradicts itself, or breaks a rule of the standard.
        """
        within_state = supplied_within_state(command.seller, command.buyer)
        for place, document in enumerate(command.documents):
            en16931_rules.check_document(f"documents.{place}", document, within_state=within_state)
        made = tuple(_payload(command, document) for document in command.documents)
        for payload in made:
            _check(payload)
            en16931_rules.check(payload)
        return made

    def references(self, command: Documented) -> tuple[str, ...]:
        """The documents' numbers: there is no registry that names them."""
        return tuple(document.number for document in command.documents)


def _payload(command: Documented, document: FiscalDocument) -> JSON:
    breakdown = _breakdown(document)
    payload: JSON = {
        "specification": "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        "process": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        "number": document.number,
        "issueDate": day_in_india(document.dated).isoformat(),
        "typeCode": TYPE_CODES[document.type],
        "currency": "INR",
        "orderReference": command.order_code,
        "paymentTerms": "As agreed between seller and buyer",
        "seller": _party(command.seller),
        "buyer": _party(command.buyer),
        "lines": [_line(n, line) for n, line in enumerate(document.lines, 1)],
        "taxBreakdown": [
            {
                "taxableAmount": number(taxable),
                "taxAmount": number(tax),
                "category": _category(rate),
                "rate": number(rate),
            }
            for rate, (taxable, tax) in breakdown.items()
        ],
        "totals": _totals(document, breakdown),
    }
    if isinstance(command, RegisterInvoice) and command.order_number:
        payload["salesOrderReference"] = command.order_number
    if command.recipient:
        to = command.recipient
        payload["delivery"] = {"name": to.name, "address": _address(to.shipping_address)}
    if document.preceding:
        undone = document.preceding
        payload["precedingInvoices"] = [{"number": undone.number, "issueDate": day_in_india(undone.dated).isoformat()}]
    return payload


def _breakdown(document: FiscalDocument) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """By rate: the taxable amount, and its tax."""
    taxable: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        taxable[line.gst_rate] += line.taxable_value
    return {rate: (amount, to_paisa(amount * rate / 100)) for rate, amount in sorted(taxable.items())}


def _totals(document: FiscalDocument, breakdown: dict[Decimal, tuple[Decimal, Decimal]]) -> dict[str, JSONValue]:
    net = sum((taxable for taxable, _ in breakdown.values()), Decimal(0))
    tax = sum((tax for _, tax in breakdown.values()), Decimal(0))
    return {
        "lineNetAmount": number(net),
        "withoutTax": number(net),
        "tax": number(tax),
        "withTax": number(net + tax),
        "rounding": number(document.total - net - tax),
        "due": number(document.total),
    }


def _line(n: int, line: DocumentLine) -> JSON:
    """The price stands for the whole quantity: that of one unit without tax has no end of decimals."""
    net = number(line.taxable_value)
    return {
        "id": str(n),
        "quantity": line.quantity,
        "unitCode": unece_code(line.unit),
        "netAmount": net,
        "netPrice": net,
        "priceBaseQuantity": line.quantity,
        "taxCategory": _category(line.gst_rate),
        "taxRate": number(line.gst_rate),
        "itemName": line.description or line.sku,
        "sellersItemId": line.sku,
        "classification": {"scheme": "HS", "code": line.hsn_code},
    }


def _category(rate: Decimal) -> str:
    """UNCL 5305: standard rate, or zero rated."""
    return "S" if rate else "Z"


def _party(party: Party) -> JSON:
    """A VAT identifier begins with its country (BR-CO-09)."""
    return {
        "name": party.legal_name,
        "vatIdentifier": f"IN{party.gstin}",
        "address": _address(party.billing_address),
    }


def _address(address: Address) -> JSON:
    return {
        "line": address.line,
        "city": address.city,
        "postCode": address.pin,
        "subdivision": address.state,
        "country": "IN",
    }
