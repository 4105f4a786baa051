"""What the systems upstream say of an order, and the accounts that it may be of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from example_set import example_catalogue

from b2b2c_saga.fiscal import en16931
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.messages import upstream as up
from b2b2c_saga.model.prices import PriceBook, Product, TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import EwayBill, Numbers
from b2b2c_saga.model.words import Address, Recipient

ERP, WMS, PLAIN, HOME_STATE, EU = "YELLOW-MKT", "YELLOW-WMS", "YELLOW-OWN", "YELLOW-HOME", "YELLOW-EU"
"""Accounts: ERP variant, WMS variant, pass-through; one whose Client Y is in Client X's state, one under EN 16931."""
DERIVED, HEAVY = "YELLOW-DERIVED", "YELLOW-HEAVY"
"""Accounts whose issuer keeps no series of numbers; and whose goods move under an e-way bill above 1,000 rupees."""
NIL_RATED = "NIL"
"""A line of goods that bear no tax: `SKU-NIL`."""
LINES_AT_MOST = 2
"""Of a document here, so that small orders have documents in parts."""


def _catalogue() -> Catalogue:
    accounts = dict(example_catalogue().accounts)
    for name, known in accounts.items():
        documents = replace(known.terms.documents, lines_at_most=LINES_AT_MOST)
        terms = replace(known.terms, documents=documents)
        accounts[name] = replace(known, terms=terms, prices=_with_nil_rated(known.prices))
    terms = accounts[ERP].terms
    home = replace(terms.client_y.billing_address, city="Bengaluru", pin="560001", state="29")
    neighbour = replace(terms.client_y, gstin="29AACCY5678N1ZB", billing_address=home)
    accounts[HOME_STATE] = Account(replace(terms, client_y=neighbour), accounts[ERP].prices)
    european = replace(en16931.CAPABILITIES, lines_at_most=LINES_AT_MOST)
    accounts[EU] = Account(replace(terms, documents=european), accounts[ERP].prices)
    accounts[DERIVED] = Account(replace(terms, numbers=Numbers.DERIVED), accounts[ERP].prices)
    carried = EwayBill(Decimal(1000), "29AAACT1234K1Z5", "Fast Carriers")
    accounts[HEAVY] = Account(replace(terms, eway_bill=carried), accounts[ERP].prices)
    return Catalogue(accounts)


def _with_nil_rated(known: PriceBook) -> PriceBook:
    product = Product(f"SKU-{NIL_RATED}", "490110", "Printed book", cost=Decimal(200))
    untaxed = TaxRule("4901", date(2017, 7, 1), (TaxSlab(None, Decimal(0)),))
    products = {**known.products, product.sku: product}
    return replace(known, products=products, taxes=TaxTable((*known.taxes.rules, untaxed)))


CATALOGUE = _catalogue()
BEGIN = datetime.now(UTC).replace(microsecond=0)
"""The sandbox has a clock of its own, so the day is today."""
PRICE = Decimal(500)


HOME = Address("12 Lake View", "Pune", "411014", "27")
ASHA = Recipient("Asha Rao", "+91 9811111111", "asha@example.com", HOME, HOME)
_NEXT_HOME = Address("7 Sea View", "Mumbai", "400001", "27")
MOVED = replace(ASHA, shipping_address=_NEXT_HOME, billing_address=_NEXT_HOME)
"""Where she lives by now."""


def location(account: str) -> str:
    """Each account sells from a warehouse of its own."""
    return f"WH-{account}"


def about(code: str, account: str = ERP) -> dict[str, str]:
    """Which order."""
    return {"account": account, "order_code": code}


def placed(code: str, lines: dict[str, int], account: str = ERP, price: Decimal = PRICE) -> up.OrderPlaced:
    """An order of these lines, at one price."""
    return up.OrderPlaced(
        **about(code, account),
        parent_order_code=f"P-{code}",
        channel=CATALOGUE.account(account).terms.channel,
        location=location(account),
        order_time=BEGIN,
        dispatch_by_time=BEGIN + timedelta(days=1),
        payment_method=up.PaymentMethod.PREPAID,
        items=tuple(
            up.OrderItem(channel_sku_code=f"SKU-{line}", order_item_code=line, quantity=n, selling_price_per_unit=price)
            for line, n in lines.items()
        ),
        recipient=ASHA,
    )


def packed(code: str, lines: dict[str, int], account: str = ERP, shipment: str = "S1") -> up.PackConfirmed:
    """A parcel of these units."""
    return up.PackConfirmed(**about(code, account), shipment_id=shipment, items=_units(lines))


def b2b_packed(code: str, lines: dict[str, int], shipment: str = "S1") -> up.B2BPacked:
    """The warehouse packed these units of the B2B order."""
    return up.B2BPacked(**about(code, WMS), shipment_id=shipment, items=_units(lines))


def _units(lines: dict[str, int]) -> tuple[up.LineQuantity, ...]:
    return tuple(up.LineQuantity(order_item_code=line, quantity=n) for line, n in lines.items())


def cancelled(code: str, lines: dict[str, int], account: str = ERP) -> up.CancellationPosted:
    """So much of it is cancelled."""
    items = tuple(up.CancelledLine(order_item_code=line, cancelled_quantity=n) for line, n in lines.items())
    return up.CancellationPosted(**about(code, account), items=items)


def left(code: str, account: str = ERP, shipment: str = "S1") -> tuple[up.HandoverRequested, up.Delivered]:
    """A parcel is handed over and delivered."""
    which = about(code, account) | {"shipment_id": shipment}
    return up.HandoverRequested(**which), up.Delivered(**which, delivered_at=BEGIN)


def returned(
    code: str,
    *units: tuple[str, up.QualityCheck],
    account: str = ERP,
    number: int = 1,
    kind: up.ReturnType = up.ReturnType.CUSTOMER_RETURN,
) -> up.ReturnReceived:
    """Units of the first parcel come back, each with its verdict."""
    return up.ReturnReceived(
        **about(code, account),
        shipment_id="S1",
        return_order_code=f"R{number}-{code}",
        type=kind,
        units=tuple(
            up.ReturnedUnit(unit_code=f"U{number}-{n}", order_item_code=line, quality_check=verdict)
            for n, (line, verdict) in enumerate(units, 1)
        ),
    )


def readdressed(code: str, to: Recipient, account: str = ERP) -> up.RecipientCorrected:
    """How the consumer is reached was wrong."""
    said = {"corrected_by": "Dev", "reason": "the consumer called"}
    return up.RecipientCorrected(**about(code, account), recipient=to, corrected_at=datetime.now(UTC), **said)


def fixed(code: str, attempt: int, account: str = ERP) -> up.InvoiceFixed:
    """What was wrong with that attempt of the invoice is put right."""
    return up.InvoiceFixed(**about(code, account), shipment_id="S1", attempt=attempt)
