"""What a registration gives, and when the registry takes a document: its date, its tax, and its kind."""

import json
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from papers import BUYER, SELLER, bill_of_supply, changed, credit_note, en16931, inv01, sent, which
from sandbox_client import AT_ONCE, Client, shipment


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path, erp=AT_ONCE, rms=AT_ONCE)


def dated(day: str, number: str = "BO1", type_: str = "INV") -> dict[str, Any]:
    return changed(inv01(number, type_), "DocDtls.Dt", day)


def read_qr_code(text: str) -> dict[str, Any]:
    header, body, signature = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split("."))
    assert json.loads(header) == {"alg": "RS256", "typ": "JWT"}
    assert len(signature) == 64
    data: dict[str, Any] = json.loads(json.loads(body)["data"])
    return data


async def test_a_registration_is_acknowledged_with_what_is_printed(client: Client):
    client.control.change({"erp": {"registration_delay_s": [3600, 3600]}})
    _, said = await client.say("/erp/invoices", sent(inv01(i1=2), inv01("BO12", i2=1)))
    assert said["documents"] == [{"documentNumber": n, "registration": None} for n in ("BO1", "BO12")]
    client.clock.put_on(hours=2)
    _, said = await client.ask("/erp/look-ups", **which())
    first, second = said["documents"]
    assert [len(first["ackNumber"]), first["ackNumber"].isdigit(), first["ackNumber"] < second["ackNumber"]] == [
        15,
        True,
        True,
    ]
    registered = datetime.fromisoformat(first["ackDate"])
    assert registered.utcoffset() == timedelta(hours=5, minutes=30)
    assert abs(registered.timestamp() - client.clock()) < 60
    about = {"SellerGstin": SELLER, "BuyerGstin": BUYER, "DocTyp": "INV", "DocDt": "01/04/2026"}
    for part, number, total in ((first, "BO1", 210.0), (second, "BO12", 56.0)):
        of_part = {"DocNo": number, "TotInvVal": total, "Irn": part["registration"], "IrnDt": part["ackDate"]}
        assert read_qr_code(part["signedQrCode"]) == about | of_part
        assert 300 < len(part["signedQrCode"]) < 5_000
        assert "Asha" not in json.dumps(read_qr_code(part["signedQrCode"]))
    [row] = await client.book("erp", table="invoices")
    assert [part["ack_number"] for part in row["parts"]] == [first["ackNumber"], second["ackNumber"]]
    note = (await client.say("/erp/credit-notes", credit_note("C1", i1=1)))[1]["documents"][0]
    assert read_qr_code(note["signedQrCode"])["DocTyp"] == "CRN"
    assert (await client.ask("/erp/look-ups", **which("C1", "CRN")))[1]["documents"] == [note]


async def test_two_issuers_are_never_acknowledged_with_the_same_number(client: Client):
    said = [(await client.say(f"/{name}/invoices", sent(inv01())))[1]["documents"][0] for name in ("erp", "rms")]
    assert said[0]["ackNumber"] != said[1]["ackNumber"]


async def test_where_there_is_no_registry_nothing_is_acknowledged(client: Client):
    _, said = await client.say("/erp/invoices", sent(en16931()))
    assert (said["status"], said["documents"]) == (
        "REGISTERED",
        [{"documentNumber": "BO1", "registration": "BO1"}],
    )


TOO_OLD = "documents.payload.DocDtls.Dt: within 30 days before it is reported (error 2305)"
TO_COME = "documents.payload.DocDtls.Dt: no day that is still to come"


async def test_a_document_is_reported_within_thirty_days_and_never_before_its_date(client: Client):
    for day, says in (("01/03/2026", TOO_OLD), ("02/04/2026", TO_COME)):
        status, said = await client.say("/erp/invoices", sent(dated(day)))
        assert (status, said["code"], said["reason"]) == (422, "INVALID", says)
    assert (await client.say("/erp/invoices", sent(dated("02/03/2026"))))[0] == 200
    client.clock.put_on(hours=14.45)  # from 9:30 to 23:57 in India
    assert (await client.say("/erp/invoices", sent(dated("02/04/2026", "BO2"))))[1]["reason"] == TO_COME
    client.clock.put_on(hours=0.1)
    assert (await client.say("/erp/invoices", sent(dated("02/04/2026", "BO2"))))[0] == 200


async def test_a_number_that_the_registry_has_is_a_duplicate_however_old_it_is(client: Client):
    await client.say("/erp/invoices", sent(inv01()))
    client.clock.put_on(days=40)
    assert (await client.say("/erp/invoices", sent(inv01())))[1]["code"] == "DUPLICATE"


async def test_a_credit_note_is_reported_in_time_too(client: Client):
    await client.say("/erp/invoices", sent(inv01()))
    client.clock.put_on(days=31)
    assert (await client.say("/erp/credit-notes", credit_note("C1", i1=1)))[1]["reason"] == TOO_OLD


@pytest.mark.parametrize(
    ("invoiced", "days", "day", "is_taken"),
    [
        ("31/03/2026", 243, "30/11/2026", True),  # of 2025-26: until 30 November 2026
        ("31/03/2026", 244, "01/12/2026", False),
        ("01/04/2026", 244, "01/12/2026", True),  # of 2026-27: a year more
        ("01/04/2026", 608, "30/11/2027", True),
        ("01/04/2026", 609, "01/12/2027", False),
    ],
)
async def test_a_year_is_credited_until_the_30th_of_november_after_it(
    client: Client, invoiced: str, days: int, day: str, *, is_taken: bool
):
    assert (await client.say("/erp/invoices", sent(dated(invoiced))))[0] == 200
    client.clock.put_on(days=days)
    note = changed(inv01("C1", "CRN", "BO1", i1=1), "DocDtls.Dt", day)
    note["RefDtls"]["PrecDocDtls"][0]["InvDt"] = invoiced
    status, said = await client.say("/erp/credit-notes", sent(note, reversal="R1", precedingDocument="BO1"))
    assert status == (200 if is_taken else 422), said
    if not is_taken:
        year, last = ("2025-26", "2026-11-30") if invoiced == "31/03/2026" else ("2026-27", "2027-11-30")
        rule = f"for an invoice of {year} by {last} (CGST Act, s. 34(2))"
        assert (said["code"], said["reason"]) == ("INVALID", f"documents.payload.DocDtls.Dt: {rule}")


async def test_a_credit_note_keeps_the_rates_of_its_invoice(client: Client):
    await client.say("/erp/invoices", sent(inv01()))
    note = inv01("C1", "CRN", "BO1", i1=1)
    note["ItemList"][0] |= {"GstRt": 6, "IgstAmt": 6.0, "TotItemVal": 106.0}
    note["ValDtls"] = {"AssVal": 100.0, "IgstVal": 6.0, "TotInvVal": 106.0}
    status, said = await client.say("/erp/credit-notes", sent(note, reversal="R1", precedingDocument="BO1"))
    rule = "documents.payload: lines of the invoice, at the tax rates that they have there"
    assert (status, said["reason"]) == (422, rule)


async def test_nil_rated_goods_alone_go_with_a_bill_of_supply_that_is_registered_nowhere(client: Client):
    client.control.change({"erp": {"hold_registration": True, "revoke": 1, "revoke_after_s": [0, 0]}})
    status, said = await client.say("/erp/invoices", sent(bill_of_supply()))
    assert (status, said["type"], said["status"]) == (200, "BIL", "ISSUED")
    assert said["documents"] == [{"documentNumber": "BO1", "registration": None}]
    assert await client.ask("/erp/look-ups", **which("BO1", "BIL")) == (200, said)
    assert (await client.ask("/erp/look-ups", **which("BO1", "INV")))[0] == 404
    repeat = (409, {"code": "DUPLICATE", "reason": "the number is used"})
    assert await client.say("/erp/invoices", sent(bill_of_supply())) == repeat
    note = sent(inv01("C1", "CRN", "BO1", nil=1), reversal="R1", precedingDocument="BO1")
    status, said = await client.say("/erp/credit-notes", note)
    assert (status, said["status"], said["documents"]) == (
        200,
        "ISSUED",
        [{"documentNumber": "C1", "registration": None}],
    )
    rows = await client.book("erp")
    assert [(row["table"], row["type"], row["status"], row["registration"]) for row in rows] == [
        ("invoices", "BIL", "ISSUED", None),
        ("credit_notes", "CRN", "ISSUED", None),
    ]
    assert [row["parts"][0]["registration"] for row in rows] == [None, None]


async def test_no_registry_asks_how_old_a_bill_of_supply_is(client: Client):
    old = changed(bill_of_supply(), "DocDtls.Dt", "02/01/2026")
    assert (await client.say("/erp/invoices", sent(old)))[0] == 200
    note = inv01("C1", "CRN", "BO1", nil=1)
    note["RefDtls"]["PrecDocDtls"][0]["InvDt"] = "02/01/2026"
    client.clock.put_on(days=400)
    assert (await client.say("/erp/credit-notes", sent(note, reversal="R1", precedingDocument="BO1")))[0] == 200
    to_come = changed(bill_of_supply("BO2"), "DocDtls.Dt", "01/04/2028")
    assert (await client.say("/erp/invoices", sent(to_come)))[1]["reason"] == TO_COME


async def test_a_bill_of_supply_is_voided_in_time_like_an_invoice(client: Client):
    await client.say("/erp/invoices", sent(bill_of_supply()))
    void = shipment() | {"documentNumber": "BO1", "reversal": "R1"}
    assert (await client.say("/erp/voids", void))[0] == 200
    assert (await client.say("/erp/invoices", sent(bill_of_supply("BO2"))))[0] == 200
    client.clock.put_on(hours=25)
    assert (await client.say("/erp/voids", void | {"documentNumber": "BO2"}))[1]["code"] == "WINDOW_OVER"


async def test_what_is_taxed_goes_with_an_invoice_and_what_is_not_with_none(client: Client):
    needs_none = "documents.payload.DocDtls.Typ: BIL: nil-rated or exempt goods alone need no e-invoice"
    assert (await client.say("/erp/invoices", sent(inv01(nil=2))))[1]["reason"] == needs_none
    mixed = inv01("BO1", "BIL", nil=1, i1=1)
    needs_one = "documents.payload.DocDtls.Typ: INV: a bill of supply has no taxed goods"
    assert (await client.say("/erp/invoices", sent(mixed)))[1]["reason"] == needs_one
    # a part of a mixed order may have nil-rated goods alone
    for parts in ((inv01("BO1", i1=1), inv01("BO12", nil=1)), (inv01("BO2", nil=1), inv01("BO22", i1=1))):
        assert (await client.say("/erp/invoices", sent(*parts)))[1]["status"] == "REGISTERED"


async def test_an_invoice_and_a_bill_of_supply_may_have_the_same_number(client: Client):
    client.control.change({"erp": {"refuse": 1}})
    assert (await client.say("/erp/invoices", sent(inv01())))[0] == 422
    client.control.fix("A/O1")
    assert (await client.say("/erp/invoices", sent(bill_of_supply())))[0] == 200
    assert (await client.say("/erp/voids", shipment() | {"documentNumber": "BO1", "reversal": "R1"}))[0] == 200
    assert [(row["type"], row["status"]) for row in await client.book("erp")] == [("INV", "REFUSED"), ("BIL", "VOIDED")]


async def test_a_refused_invoice_frees_its_own_number_and_not_that_of_a_bill(client: Client):
    client.control.change({"erp": {"refuse_later": 1, "registration_delay_s": [60, 60]}})
    await client.say("/erp/invoices", sent(inv01()))
    await client.say("/erp/invoices", sent(bill_of_supply(), order="O2"))
    client.clock.put_on(hours=1)
    assert (await client.ask("/erp/look-ups", **which()))[1]["status"] == "REFUSED"
    assert (await client.say("/erp/invoices", sent(bill_of_supply(), order="O2")))[1]["code"] == "DUPLICATE"
    assert (await client.say("/erp/invoices", sent(inv01())))[0] == 200
