"""What the configuration accepts, the registry accepts: with any right set the first invoice goes through."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_set import SET, examined

from b2b2c_saga.config.texts import CITY, HSN, LEGAL_NAME, LINE, PRODUCT_NAME, RATES, TRANSPORTER, UNIT
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.documents import gstin_check_character
from b2b2c_saga.model.invoices import invoice_documents
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.messages.fiscal import Transport
from b2b2c_saga.model.order import Line
from b2b2c_saga.model.places import STATES, STATES_OF
from b2b2c_saga.model.taxes import document_line, supplied_within_state

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


PLACES = sorted((pin, state) for pin, states in STATES_OF.items() for state in states)


@st.composite
def addresses(draw: st.DrawFn, state: str | None = None) -> dict[str, str]:
    """Any address that the format accepts, in a state or in any; in other territory (97) lies any PIN."""
    begins, its_state = draw(st.sampled_from([one for one in PLACES if state in {None, one[1], "97"}]))
    return {
        "line": draw(st.from_regex(LINE, fullmatch=True)),
        "city": draw(st.from_regex(CITY, fullmatch=True)),
        "pin": f"{begins}{draw(st.integers(0, 9_999)):04}",
        "state": state or its_state,
    }


@st.composite
def parties(draw: st.DrawFn, pan: str) -> dict[str, Any]:
    """Any party that the format accepts."""
    state = draw(st.sampled_from(sorted(STATES)))
    first = f"{state}{pan}1Z"
    return {
        "legal_name": draw(st.from_regex(LEGAL_NAME, fullmatch=True)),
        "gstin": first + gstin_check_character(first),
        "account_code": "A",
        "billing_address": draw(addresses(state)),
        "shipping_address": draw(addresses()),
    }


PRODUCTS = st.fixed_dictionaries(
    {
        "hsn": st.from_regex(HSN, fullmatch=True),
        "name": st.from_regex(PRODUCT_NAME, fullmatch=True),
        "unit": st.sampled_from(UNIT.split("|")),
    }
)
EWAY_BILLS = st.fixed_dictionaries(
    {
        "transporter_id": st.from_regex(TRANSPORTER, fullmatch=True),
        "transporter_name": st.from_regex(LEGAL_NAME, fullmatch=True),
        "above": st.just("0.01"),
    }
)
TAXED = [str(rate) for rate in RATES if rate]


def first_invoice(catalogue: Catalogue, selling_price: Decimal) -> RegisterInvoice:
    """Of a shirt sold on the account SHOP, from intake's price to the command."""
    account = catalogue.account("SHOP")
    terms, quote = account.terms, account.prices.quote("SHIRT", selling_price, AT.date())
    product = quote.product
    sold = Line(
        code="L", sku="SHIRT", quantity=2, selling_price=selling_price, discount=Decimal(0),
        unit_price=quote.unit_price, hsn=product.hsn, name=product.name, unit=product.unit,
    )  # fmt: skip
    rate = catalogue.taxes.rate(sold.hsn, sold.unit_price, AT.date())
    within = supplied_within_state(terms.client_x, terms.client_y)
    lines = [document_line(sold, rate, 2, range(2), within_state=within)]
    documents = invoice_documents(["B1"], AT, lines, terms.documents)
    bill = terms.eway_bill
    transport = bill and Transport(transporter_id=bill.transporter_id, transporter_name=bill.transporter_name)
    return RegisterInvoice(
        account="SHOP", order_code="O", shipment_id="S", attempt=1, issuer=terms.issuer,
        provider=terms.documents.provider, document_number="B1", document_time=AT, seller=terms.client_x,
        buyer=terms.client_y, documents=documents, total=sum(document.total for document in documents),
        order_number="SO-1", transport=transport,
    )  # fmt: skip


@settings(deadline=None)
@given(
    parties("AABCK1234M"),
    parties("AACCY5678N"),
    PRODUCTS,
    st.decimals("0.05", "99999", places=2),
    st.none() | EWAY_BILLS,
    st.tuples(st.sampled_from(TAXED), st.sampled_from(TAXED)),
    st.sampled_from(["india-inv01", "en16931"]),
)
def test_a_right_set_makes_invoices_that_the_registry_takes(
    x: dict[str, Any],
    y: dict[str, Any],
    shirt: dict[str, str],
    price: Decimal,
    bill: dict[str, str] | None,
    rates: tuple[str, str],
    issued_by: str,
):
    said = yaml.safe_load(SET)
    said["accounts"]["SHOP"]["provider"] = issued_by
    if bill and issued_by == "india-inv01":
        said["accounts"]["SHOP"]["eway_bill"] = bill
    said["parties"] = {"x": x, "y": y}
    slabs = [{"up_to": "1000", "rate": rates[0]}, {"rate": rates[1]}]
    said["taxes"] = {"62": said["taxes"][62], shirt["hsn"][:2]: [{"since": "2017-07-01", "slabs": slabs}]}
    said["products"] = {"KURTA": said["products"]["KURTA"], "SHIRT": shirt}
    found = examined(yaml.safe_dump(said, allow_unicode=True))
    assert [str(mistake) for mistake in found.mistakes] == []
    command = first_invoice(found.accepted(), price)
    (payload,) = provider(command.provider).payloads(command)
    assert payload
