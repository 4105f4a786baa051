"""What a person cancels by hand at the portal: by its rules, and dead for everybody after that."""

from papers import TRANSPORT, credit_note, inv01, moving, sent, which
from sandbox_client import Client, shipment

OF_DOCUMENT = {"account": "A", "orderCode": "O1", "documentNumber": "BO1"}


async def test_a_document_that_was_cancelled_by_hand_is_dead_for_everybody(client: Client, name: str):
    await client.say(f"/{name}/invoices", moving())
    by_hand = OF_DOCUMENT | {"reason": "Data entry mistake"}
    assert await client.say(f"/{name}/portal-cancellations", by_hand) == (
        200,
        {"documentNumber": "BO1", "status": "VOIDED"},
    )
    status, said = await client.say(f"/{name}/voids", OF_DOCUMENT | {"reversal": "R1"})
    assert (status, said["code"], said["reason"][:5], "voidedFor" in said) == (409, "VOIDED", "9999:", False)
    status, said = await client.say(f"/{name}/credit-notes", credit_note("C1", i1=1))
    assert (status, said["code"]) == (422, "VOIDED")
    asked = shipment() | {"documentNumber": "BO1", "transport": TRANSPORT}
    assert (await client.say(f"/{name}/eway-bills", asked))[1]["code"] == "VOIDED"
    assert (await client.say(f"/{name}/invoices", moving()))[1]["code"] == "DUPLICATE"
    said = (await client.ask(f"/{name}/look-ups", **which()))[1]
    assert (said["status"], said["reason"], "voidedFor" in said) == ("VOIDED", "Data entry mistake", False)
    [row] = await client.book(name, table="invoices")
    assert (row["status"], row["voided_for"]) == ("VOIDED", None)
    [bill] = await client.book(name, table="eway_bills")
    assert bill["cancelled_at"] is not None  # the person cancelled it, too


async def test_a_person_can_cancel_no_more_than_the_portal_lets_him(client: Client, name: str):
    path = f"/{name}/portal-cancellations"
    assert (await client.say(path, OF_DOCUMENT))[0] == 404
    client.control.change({name: {"hold_registration": True}})
    await client.say(f"/{name}/invoices", sent(inv01()))
    assert (await client.say(path, OF_DOCUMENT))[0] == 425
    client.control.change({name: {"hold_registration": False}})
    assert (await client.ask(f"/{name}/look-ups", **which()))[1]["status"] == "REGISTERED"
    client.clock.put_on(hours=25)
    assert (await client.say(path, OF_DOCUMENT))[1]["code"] == "WINDOW_OVER"
    await client.say(f"/{name}/credit-notes", credit_note("C1", i1=1))
    client.control.change({name: {"void_window_s": 10**6}})
    assert (await client.say(path, OF_DOCUMENT))[1]["code"] == "CREDITED"


async def test_an_e_way_bill_that_is_too_old_stops_a_person_too(client: Client, name: str):
    client.control.change({name: {"void_window_s": 10**6}})
    await client.say(f"/{name}/invoices", moving())
    client.clock.put_on(hours=25)
    assert (await client.say(f"/{name}/portal-cancellations", OF_DOCUMENT))[1]["code"] == "TOO_LATE"
    assert (await client.ask(f"/{name}/look-ups", **which()))[1]["status"] == "REGISTERED"


async def test_the_portal_has_no_bills_of_supply_to_cancel(client: Client, name: str):
    await client.say(f"/{name}/invoices", sent(inv01("BO1", "BIL", nil=1)))
    status, said = await client.say(f"/{name}/portal-cancellations", OF_DOCUMENT)
    assert (status, said["code"]) == (422, "ISSUED")
