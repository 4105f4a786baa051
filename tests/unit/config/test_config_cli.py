"""`config check` and `config show` as an operator runs them."""

import json
from pathlib import Path

import pytest
from example_set import SHIPPED
from small_set import SET, altered
from typer.testing import CliRunner, Result

from b2b2c_saga.cli import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "set.yaml"
    path.write_text(SET)
    return path


def test_a_right_set_is_summed_up(file: Path):
    done = run("config", "check", "--config", str(file))
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["SHOP", "MARKET", "b2b2c", "erp", "x", "y", "list", "pushed"] in lines
    assert ["OWN", "OWN", "pass-through", "-", "x", "y", "-", "pushed"] in lines
    assert done.stdout.splitlines()[-1] == (
        f"Version 3 of {file} is right: 2 parties, 2 products, 1 price list, 2 prices, 3 tax rules."
    )


def test_the_shipped_set_is_right(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(SHIPPED.parent)
    done = run("config", "check", "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["path"], said["valid"], said["mistakes"]) == ("config", True, [])
    assert [account["account"] for account in said["accounts"]] == ["YELLOW-MKT", "YELLOW-WMS", "YELLOW-OWN"]


def test_every_mistake_is_a_line_and_the_command_fails(file: Path):
    file.write_text(altered(("pin: 560001", "pin: 1"), ("price_list: list", "price_list: none")))
    done = run("--config", str(file), "config", "check")
    rule = "must be a postal code of six digits, the first of them not 0"
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{file}:7: parties.x.billing_address.pin = '1': {rule}",
        f"{file}:22: accounts.SHOP.price_list = 'none': is not under price_lists",
        f"2 mistakes in {file}.",
    ]
    done = run("config", "check", "--config", str(file), "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    where = {"file": str(file), "line": 7, "field": "parties.x.billing_address.pin", "value": "1"}
    assert (said["valid"], len(said["mistakes"]), said["mistakes"][0]) == (False, 2, {**where, "rule": rule})


def test_where_there_is_nothing_to_read_one_sentence_says_so(tmp_path: Path):
    done = run("config", "check", "--config", str(tmp_path / "none"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"b2b2c-saga: {tmp_path}/none: No such file or directory: config: "
        "name a folder of *.yaml files, or one file: --config PATH or B2B2C_CONFIG\n"
    )


def test_what_holds_for_an_account_is_shown(file: Path):
    about = ("config", "show", "SHOP", "--config", str(file))
    done = run(*about, "--sku", "KURTA", "--price", "1999", "--on", "2026-01-05", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "version": 3,
        "channel": "MARKET",
        "b2b_sale": True,
        "begins_in_the_warehouse": False,
        "issued_by": "erp",
        "provider": "india-inv01",
        "void_window": "1d",
        "lines_at_most": 1000,
        "round_total_to": "0.01",
        "numbers": "issuer",
        "eway_bill": "none",
        "seller": "X Limited, 29AABCK1234M1ZG",
        "buyer": "Y Limited, 27AACCY5678N1ZF",
        "cancel_after_pack": True,
        "orders": "pushed",
        "answer": "2m",
        "retry": "30s",
        "retry_at_most": "15m",
        "attempts_at_most": 200,
        "late_effect": "1h",
        "early_event": "2d",
        "return_window": "30d",
        "sku": "KURTA",
        "product": "Kurta",
        "unit": "PCS",
        "hsn": "621142",
        "selling_price": "1999",
        "discount": "0",
        "ordered_on": "2026-01-05",
        "b2b_price": "506.81",
        "invoiced_on": "2026-01-05",
        "gst_percent": "12",
    }
    for_people = run(*about).stdout.splitlines()
    assert "channel                  MARKET" in for_people
    assert not any("b2b price" in line for line in for_people)


@pytest.mark.parametrize(
    ("options", "price", "rate", "invoiced_on"),
    [
        (["--price", "2000", "--on", "2025-09-21"], "1600.00", "12", "2025-09-21"),
        (["--price", "2000", "--on", "2025-09-21", "--invoiced-on", "2025-09-23"], "1600.00", "5", "2025-09-23"),
        (["--price", "2000", "--on", "2025-09-22", "--discount", "900.50"], "879.60", "5", "2025-09-22"),
        (["--price", "4000", "--on", "2025-09-21", "--invoiced-on", "2025-09-22"], "3200.00", "18", "2025-09-22"),
        (["--price", "4000", "--on", "2025-09-22", "--discount", "4000"], "0.00", "5", "2025-09-22"),
    ],
)
def test_the_price_is_of_the_day_of_the_order_and_the_rate_of_the_day_of_the_invoice(
    file: Path, options: list[str], price: str, rate: str, invoiced_on: str
):
    done = run("config", "show", "SHOP", "--config", str(file), "--sku", "SHIRT", *options, "--json")
    said = json.loads(done.stdout)
    assert (said["b2b_price"], said["gst_percent"], said["invoiced_on"]) == (price, rate, invoiced_on)


def test_the_unit_the_numbers_and_the_eway_bill_of_an_account_are_shown(file: Path):
    bill = "eway_bill: {transporter_id: 29AABCS4321P1Z0, transporter_name: Swift Lorries, above: 49999.50}"
    file.write_text(
        altered(
            ("variant: erp", f"variant: erp\n    numbers: derived\n    {bill}"),
            ("name: Shirt", "name: Shirt, unit: PAC"),
        )
    )
    done = run("config", "show", "SHOP", "--config", str(file), "--sku", "SHIRT", "--price", "500")
    lines = done.stdout.splitlines()
    assert "numbers                  derived" in lines
    assert "eway bill                above 49999.50, Swift Lorries, 29AABCS4321P1Z0" in lines
    assert "product                  Shirt" in lines
    assert "unit                     PAC" in lines


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["NOBODY"], "unknown seller account: account = 'NOBODY': set up under accounts in config/"),
        (["SHOP", "--sku", "KURTA"], "an option breaks its rule: --price: must be an amount in rupees above 0, "),
        (["SHOP", "--sku", "KURTA", "--price", "9", "--on", "today"], "--on = 'today': must be a day, such as 2025-09"),
        (
            ["SHOP", "--sku", "KURTA", "--price", "9", "--discount", "x"],
            "--discount = 'x': must be an amount in rupees",
        ),
        (
            ["SHOP", "--sku", "KURTA", "--price", "9", "--discount", "9.01"],
            "--discount = 9.01: must be at most the price, 9",
        ),
        (
            ["SHOP", "--sku", "KURTA", "--price", "9", "--on", "2026-01-05", "--invoiced-on", "2026-01-04"],
            "--invoiced-on = '2026-01-04': must be the day of the order, 2026-01-05, or a later one",
        ),
        (["SHOP", "--invoiced-on", "2026-01-05"], "--invoiced-on = '2026-01-05': needs --sku: of which product?"),
        (["SHOP", "--price", "9"], "--price = '9': needs --sku: of which product?"),
        (["SHOP", "--sku", "NONE", "--price", "9"], "unknown SKU: items.channelSkuCode = 'NONE'"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(file: Path, options: list[str], said: str):
    done = run("config", "show", *options, "--config", str(file))
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
