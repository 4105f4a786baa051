"""What the configuration accepts, the registry accepts: with any right set the first invoice goes through."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_set import SET, examined

from b2b2c_saga.config.texts import CITY, HSN, LEGAL_NAME, LINE, PIN
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.documents import gstin_check_character
from b2b2c_saga.model.invoices import invoice_documents
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.order import Line
from b2b2c_saga.model.taxes import document_line, supplied_within_state

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@st.composite
def parties(draw: st.DrawFn, pan: str) -> dict[str, Any]:
    """Any party that the format accepts."""
    state = f"{draw(st.integers(1, 99)):02}"
    first = f"{state}{pan}1Z"
    address = st.fixed_dictionaries(
        {name: st.from_regex(form, fullmatch=True) for name, form in (("line", LINE), ("city", CITY), ("pin", PIN))}
    )
    return {
        "legal_name": draw(st.from_regex(LEGAL_NAME, fullmatch=True)),
        "gstin": first + gstin_check_character(first),
        "account_code": "A",
        "billing_address": {**draw(address), "state": state},
        "shipping_address": {**draw(address), "state": f"{draw(st.integers(1, 99)):02}"},
    }


def first_invoice(catalogue: Catalogue, selling_price: Decimal) -> RegisterInvoice:
    """Of a shirt sold on the account SHOP, from intake's price to the command."""
    account = catalogue.account("SHOP")
    terms, quote = account.terms, account.prices.quote("SHIRT", selling_price, AT.date())
    sold = Line("L", "SHIRT", 2, selling_price, quote.unit_price, quote.hsn, quote.gst_rate)
    within = supplied_within_state(terms.client_x, terms.client_y)
    lines = [document_line(sold, 2, range(2), within_state=within)]
    documents = invoice_documents("B1", AT, lines, terms.documents)
    return RegisterInvoice(
        account="SHOP", order_code="O", shipment_id="S", attempt=1, issuer=terms.issuer,
        provider=terms.documents.provider, document_number="B1", document_time=AT, seller=terms.client_x,
        buyer=terms.client_y, documents=documents, total=sum(document.total for document in documents),
    )  # fmt: skip


@settings(deadline=None)
@given(
    parties("AABCK1234M"),
    parties("AACCY5678N"),
    st.from_regex(HSN, fullmatch=True),
    st.decimals("0.05", "99999", places=2),
    st.sampled_from(["india-inv01", "en16931"]),
)
def test_a_right_set_makes_invoices_that_the_registry_takes(
    x: dict[str, Any], y: dict[str, Any], hsn: str, price: Decimal, issued_by: str
):
    said = yaml.safe_load(SET.replace("variant: erp", f"variant: erp\n    provider: {issued_by}"))
    said["parties"] = {"x": x, "y": y}
    said["taxes"][int(hsn[:2])] = [{"since": "2017-07-01", "slabs": [{"up_to": "1000", "rate": "5"}, {"rate": "18"}]}]
    said["products"] = {"KURTA": said["products"]["KURTA"], "SHIRT": {"hsn": hsn, "name": "Shirt"}}
    said["taxes"] = {f"{prefix:02}": rules for prefix, rules in said["taxes"].items()}
    found = examined(yaml.safe_dump(said, allow_unicode=True))
    assert [str(mistake) for mistake in found.mistakes] == []
    command = first_invoice(found.accepted(), price)
    (payload,) = provider(command.provider).payloads(command)
    assert payload
