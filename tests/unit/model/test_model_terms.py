"""The accounts of a configuration file: what is read, and each mistake by file, field and rule."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from b2b2c_saga.config import load_catalogue, with_patience
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.terms import USUAL_PATIENCE, Catalogue

CONFIG = Path(__file__).parents[3] / "config/channels.yaml"
Json = Any


@pytest.fixture
def said() -> Json:
    return yaml.safe_load(CONFIG.read_text())


def load(tmp_path: Path, said: object) -> Catalogue:
    file = tmp_path / "channels.yaml"
    file.write_text(said if isinstance(said, str) else yaml.safe_dump(said))
    return load_catalogue(file)


def test_the_accounts_of_the_project_are_read():
    terms = load_catalogue(CONFIG).terms("YELLOW-MKT")
    assert (terms.channel, terms.b2b_leg, terms.b2b_price_percent) == ("MARKETPLACE", True, Decimal(80))
    assert (terms.client_x.account_code, terms.client_y.account_code) == ("X-1000", "Y-2000")
    assert terms.client_y.shipping_address.city == "Bhiwandi"
    assert terms.patience == USUAL_PATIENCE
    assert not load_catalogue(CONFIG).terms("YELLOW-OWN").b2b_leg


def test_patience_may_be_configured_as_a_whole(tmp_path: Path, said: Json):
    patience = {"answer": 1, "retry": 2, "retry_at_most": 3, "late_effect": 4, "early_event": 5, "return_window": 6,
                "void_window": "PT7S"}  # fmt: skip
    assert load(tmp_path, {**said, "patience": patience}).terms("YELLOW-MKT").patience.void_window == timedelta(
        seconds=7
    )
    short = replace(USUAL_PATIENCE, answer=timedelta(seconds=1))
    quick = with_patience(load_catalogue(CONFIG), short)
    assert {quick.terms(name).patience for name in quick.accounts} == {short}


def test_an_account_that_is_not_set_up_is_named():
    with pytest.raises(BadInput) as refused:
        load_catalogue(CONFIG).terms("NOBODY")
    assert (refused.value.field, refused.value.value) == ("account", "NOBODY")
    assert "config/channels.yaml" in str(refused.value)


@pytest.mark.parametrize(
    ("path", "bad", "field"),
    [
        ("parties.kurta-house.gstin", "29AABCK1234M1Z", "parties.kurta-house.gstin"),
        ("parties.yellow-retail.billing_address.pin", "4000", "parties.yellow-retail.billing_address.pin"),
        ("parties.kurta-house.legal_name", None, "parties.kurta-house.legal_name"),
        ("accounts.YELLOW-MKT.b2b_leg", "perhaps", "accounts.YELLOW-MKT.b2b_leg"),
        ("accounts.YELLOW-MKT.channel", "a/b", "accounts.YELLOW-MKT.channel"),
        ("accounts.YELLOW-MKT.b2b_price_percent", "much", "accounts.YELLOW-MKT.b2b_price_percent"),
        ("accounts.YELLOW-MKT.b2b_price_percent", -80, "accounts.YELLOW-MKT.b2b_price_percent"),
        ("accounts.YELLOW-MKT.client_y", "nobody", "accounts.YELLOW-MKT.client_y"),
        ("accounts.YELLOW-OWN.client_x", "nobody", "accounts.YELLOW-OWN.client_x"),
        ("accounts", [], "accounts"),
        ("patience", {"answer": 1}, "patience.retry"),
    ],
)
def test_the_first_mistake_is_named_by_file_field_and_rule(
    tmp_path: Path, said: Json, path: str, bad: object, field: str
):
    *way, last = path.split(".")
    part = said
    for name in way:
        part = part[name]
    part[last] = bad
    with pytest.raises(BadInput) as refused:
        load(tmp_path, said)
    assert refused.value.field == field
    assert str(tmp_path / "channels.yaml") in str(refused.value)
    assert refused.value.rule


@pytest.mark.parametrize("text", ["parties: [", "", "- 1", "parties: {}"])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str):
    with pytest.raises(BadInput, match=r"channels\.yaml"):
        load(tmp_path, text)


def test_what_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "channels.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is not text"):
        load_catalogue(tmp_path / "channels.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match="No such file") as refused:
        load_catalogue(tmp_path / "none.yaml")
    assert "B2B2C_CONFIG" in str(refused.value)
