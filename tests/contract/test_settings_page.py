"""The page of all settings is what the programs read."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from b2b2c_saga.cli.settings_page import OUT, page
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.orders_poller import Pace
from b2b2c_saga.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_programs_read():
    assert (ROOT / OUT).read_text(encoding="utf-8").splitlines() == list(page()), "run `make schemas`"


def test_no_class_of_settings_is_left_out():
    ours = {kind for kind in BaseSettings.__subclasses__() if kind.__module__.startswith("b2b2c_saga.")}
    assert ours == {Settings, Limits, Pace}


@pytest.mark.parametrize("kind", [Settings, Limits, Pace])
def test_each_has_its_meaning_and_its_bounds(kind: type[BaseSettings]):
    prefix = kind.model_config["env_prefix"]
    lines = {line.split("`")[1]: line.split(" | ") for line in page() if line.startswith("| `")}
    for name, field in kind.model_fields.items():
        _, may_be, default, meaning = lines[f"{prefix}{name.upper()}"]
        assert meaning.removesuffix(" |") == " ".join((field.description or "").split()) != ""
        assert may_be
        assert default.strip("`") == {None: "none", "": "empty"}.get(field.default, str(field.default))
    assert lines["B2B2C_CONNECTOR_STOCK_AT_ONCE"][1] == "integer, at least `1`, at most `300`"
    assert lines["B2B2C_LOG_FORMAT"][1] == "`console`, `json`"
    assert lines["B2B2C_SASL_PASSWORD"][1:3] == ["secret", "none"]
