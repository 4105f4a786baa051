"""Whatever a consumer is called and wherever they live: it is a label, and stops no document."""

from dataclasses import replace
from typing import Any

import pytest
from fiscal_cases import TWO_LINES, Sale, only
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from b2b2c_saga.fiscal import en16931, india
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.terms import Capabilities
from b2b2c_saga.model.words import Recipient

ODD = st.text(st.characters(exclude_categories=()), max_size=300) | st.text('" \\\n\x00a\u2028\ufeff', max_size=8)
CONSUMER: TypeAdapter[Recipient] = TypeAdapter(Recipient)


def told(line: object, city: object, name: object) -> Recipient:
    place: dict[str, Any] = {"line": line, "city": city, "pin": "600001", "state": "33"}
    said = {"name": name, "phone": name, "email": name, "shipping_address": place, "billing_address": place}
    return CONSUMER.validate_python(said)


@pytest.mark.parametrize("can", [india.CAPABILITIES, en16931.CAPABILITIES], ids=lambda can: can.provider.value)
@given(ODD | st.none(), ODD | st.none(), ODD | st.none())
@settings(deadline=None)
def test_every_provider_takes_every_consumer(can: Capabilities, line: str | None, city: str | None, name: str | None):
    sale = replace(Sale(TWO_LINES, can), recipient=told(line, city, name))

    assert only(provider(can.provider).payloads(sale.invoice()))
