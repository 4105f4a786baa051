"""The snapshot that an order keeps: nothing in it may come to mean something else when the code changes."""

from dataclasses import MISSING, fields

import pytest
from example_set import example_catalogue
from pydantic import TypeAdapter

from b2b2c_saga.model.terms import Capabilities, EwayBill, Patience, Terms


@pytest.mark.parametrize("kind", [Terms, Patience, Capabilities, EwayBill])
def test_no_field_has_a_default_that_an_old_row_would_get_later(kind: type):
    """Rows leave out what is as usual."""
    usual = [field.name for field in fields(kind) if (field.default, field.default_factory) != (MISSING, MISSING)]
    assert usual == []


def test_terms_are_written_whole_and_read_back():
    adapter = TypeAdapter(Terms)
    accounts = example_catalogue().accounts
    assert {account.terms.eway_bill is None for account in accounts.values()} == {True, False}
    for account in accounts.values():
        written = adapter.dump_json(account.terms, exclude_defaults=True)
        assert adapter.validate_json(written) == account.terms
        assert written == adapter.dump_json(account.terms)
