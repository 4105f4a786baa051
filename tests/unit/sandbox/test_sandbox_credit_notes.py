"""Credit notes at the issuer: never more than was invoiced, and each names what it undoes."""

from pathlib import Path

import pytest
from papers import changed, credit_note, en16931, inv01, sent, which
from sandbox_client import Client


@pytest.fixture
async def client(tmp_path: Path) -> Client:
    """An ERP that has registered two units of i1 and one of i2."""
    client = Client(tmp_path, erp={"registration_delay_s": [0, 0]})
    assert (await client.say("/erp/invoices", sent(inv01())))[0] == 200
    return client


async def test_credit_notes_never_exceed_the_invoice_line_by_line(client: Client):
    async def credit(number: str, reversal: str, **units: int) -> tuple[int, str]:
        status, said = await client.say("/erp/credit-notes", credit_note(number, reversal, **units))
        return status, said.get("status") or said["reason"]

    assert await credit("C1", "R1", i1=1) == (200, "REGISTERED")
    assert await credit("C1", "R1", i1=1) == (409, "2150: duplicate IRN")
    assert await credit("C2", "R2", i1=2) == (422, "documents.payload: TOO_MUCH: no more units than were invoiced")
    assert await credit("C3", "R3", i1=1, i2=1) == (200, "REGISTERED")
    assert (await credit("C4", "R4", i2=1))[0] == 422
    notes = await client.book("erp", table="credit_notes")
    assert [(note["document_number"], note["reversal"], note["preceding_document"]) for note in notes] == [
        ("C1", "R1", "BO1"),
        ("C3", "R3", "BO1"),
    ]
    assert [(line["order_item_code"], line["quantity"]) for note in notes for line in note["lines"]] == [
        ("i1", 1),
        ("i1", 1),
        ("i2", 1),
    ]


async def test_a_credit_note_is_looked_up_like_an_invoice(client: Client):
    await client.say("/erp/credit-notes", credit_note("C1", "R1", i1=1))
    status, said = await client.ask("/erp/look-ups", **which("C1", "CRN"))
    named = ("documentNumber", "status", "reversal", "precedingDocument", "orderCode", "total")
    assert (status, [said[name] for name in named]) == (200, ["C1", "REGISTERED", "R1", "BO1", "O1", "105.00"])
    assert (await client.ask("/erp/look-ups", **which("C1", "INV")))[0] == 404


async def test_credit_notes_never_exceed_the_invoice_in_money(client: Client):
    dear = inv01("C1", "CRN", "BO1", i2=1)
    amounts = {"UnitPrice": 60.0, "TotAmt": 60.0, "AssAmt": 60.0, "IgstAmt": 7.2, "TotItemVal": 67.2}
    dear["ItemList"] = [dear["ItemList"][0] | amounts]
    dear["ValDtls"] = {"AssVal": 60.0, "IgstVal": 7.2, "TotInvVal": 67.2}
    status, said = await client.say("/erp/credit-notes", sent(dear, reversal="R1", precedingDocument="BO1"))
    assert (status, said["reason"]) == (422, "documents.payload: TOO_MUCH: no more money than was invoiced")
    rounded_up = changed(changed(inv01("C1", "CRN", "BO1"), "ValDtls.RndOffAmt", 90), "ValDtls.TotInvVal", 356)
    status, said = await client.say("/erp/credit-notes", sent(rounded_up, reversal="R1", precedingDocument="BO1"))
    assert (status, said["reason"]) == (422, "documents.payload: TOO_MUCH: no more money than was invoiced")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("RefDtls.PrecDocDtls", [{"InvNo": "BO9", "InvDt": "01/04/2026"}]),
        ("RefDtls.PrecDocDtls", [{"InvNo": "BO1", "InvDt": "02/04/2026"}]),
        ("BuyerDtls.LglNm", "Green Retail"),
        ("DocDtls.Typ", "INV"),
    ],
)
async def test_a_credit_note_is_for_its_invoice(client: Client, path: str, value: object):
    payload = changed(inv01("C1", "CRN", "BO1", i1=1), path, value)
    status, said = await client.say("/erp/credit-notes", sent(payload, reversal="R1", precedingDocument="BO1"))
    assert (status, said["code"]) == (422, "INVALID")
    assert await client.book("erp", table="credit_notes") == []


async def test_each_part_of_a_credit_note_names_its_part_of_the_invoice(tmp_path: Path):
    client = Client(tmp_path, erp={"registration_delay_s": [0, 0]})
    await client.say("/erp/invoices", sent(inv01(i1=2), inv01("BO12", i2=1)))
    parts = inv01("C1", "CRN", "BO1", i1=1), inv01("C12", "CRN", "BO12", i2=1)
    status, said = await client.say("/erp/credit-notes", sent(*parts, reversal="R1", precedingDocument="BO1"))
    assert (status, [part["documentNumber"] for part in said["documents"]]) == (200, ["C1", "C12"])


async def test_a_refused_credit_note_is_taken_once_it_is_put_right(client: Client):
    client.control.change({"erp": {"refuse": 1}})
    assert (await client.say("/erp/credit-notes", credit_note("C1", i1=1), "k"))[1]["code"] == "REFUSED"
    client.control.fix("A/O1")
    assert (await client.say("/erp/credit-notes", credit_note("C1", i1=1), "k"))[0] == 200


async def test_without_voids_a_credit_note_of_all_undoes_all(tmp_path: Path):
    client = Client(tmp_path, rms={"registration_delay_s": [0, 0]})
    await client.say("/rms/invoices", sent(en16931()))
    note = sent(en16931("C1", 381, "BO1"), reversal="R1", precedingDocument="BO1")
    status, said = await client.say("/rms/credit-notes", note)
    assert (status, said["documents"]) == (200, [{"documentNumber": "C1", "registration": "C1"}])


async def test_a_refused_document_can_not_be_undone(tmp_path: Path):
    client = Client(tmp_path, erp={"refuse": 1})
    await client.say("/erp/invoices", sent(inv01()))
    assert (await client.say("/erp/credit-notes", credit_note("C1", i1=1)))[1]["code"] == "REFUSED"
    void = {"account": "A", "orderCode": "O1", "documentNumber": "BO1", "reversal": "R1"}
    assert (await client.say("/erp/voids", void))[1]["code"] == "REFUSED"
