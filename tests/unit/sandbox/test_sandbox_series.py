"""The brand's series: consecutive, once for each document, and an order's own number once."""

import asyncio
from typing import Any

import pytest
from papers import SELLER, bill_of_supply, changed, credit_note, inv01, sent
from sandbox_client import Client, shipment

LETTERS = {"erp": {"INV": "E", "BIL": "B", "CRN": "C"}, "rms": {"INV": "R", "BIL": "S", "CRN": "D"}}
OTHER_SELLER = "29AABCX1234M1ZG"
RULE = "a number of the series is for the order, shipment, reversal, type and year it was given for"
FOR_ANOTHER = f"documents.documentNumber: {RULE}"


def wanted(type_: str = "INV", order: str = "O1", **more: object) -> dict[str, Any]:
    about = {"type": type_, "sellerGstin": SELLER, "documentTime": "2026-04-01T04:00:00Z", "count": 1}
    return shipment(order) | about | ({"reversal": "R1"} if type_ == "CRN" else {}) | more


async def test_numbers_run_on_by_seller_type_and_financial_year(client: Client, name: str):
    async def given(**more: object) -> list[str]:
        status, said = await client.say(f"/{name}/numbers", wanted(**more))
        assert status == 200, said
        return list(said["documentNumbers"])

    for type_, letter in LETTERS[name].items():
        assert await given(type_=type_, count=2) == [f"{letter}/26-27/00000001", f"{letter}/26-27/00000002"]
        assert await given(type_=type_, order="O2") == [f"{letter}/26-27/00000003"]
        assert await given(type_=type_, sellerGstin=OTHER_SELLER) == [f"{letter}/26-27/00000001"]
        # 31 March 18:29 UTC is still that day in India
        assert await given(type_=type_, documentTime="2026-03-31T18:29:00Z") == [f"{letter}/25-26/00000001"]
        assert await given(type_=type_, documentTime="2026-03-31T18:30:00Z") == [f"{letter}/26-27/00000004"]


def test_no_number_of_one_series_looks_like_one_of_another():
    letters = [letter for of in LETTERS.values() for letter in of.values()]
    assert len(set(letters)) == 6


async def test_an_order_has_one_number_and_the_same_key_gets_the_same_answer(client: Client, name: str):
    first = await client.post(f"/{name}/numbers", wanted(), "k")
    assert first.json() == {
        "orderNumber": "SO-00000001",
        "documentNumbers": [f"{LETTERS[name]['INV']}/26-27/00000001"],
    }
    assert (await client.post(f"/{name}/numbers", wanted(), "k")).content == first.content
    other = await client.say(f"/{name}/numbers", wanted("CRN"), "k2")
    assert other[1]["orderNumber"] == "SO-00000001"
    assert (await client.say(f"/{name}/numbers", wanted(order="O2")))[1]["orderNumber"] == "SO-00000002"
    rows = await client.book(name, order="A/O1", table="numbers")
    known = ("type", "serial", "financial_year", "seller_gstin", "order_number", "shipment_id", "reversal")
    assert [tuple(row[column] for column in known) for row in rows] == [
        ("INV", 1, "2026-27", SELLER, "SO-00000001", "O1-S1", None),
        ("CRN", 1, "2026-27", SELLER, "SO-00000001", "O1-S1", "R1"),
    ]
    assert all(abs(row["given_at"] - client.clock()) < 60 for row in rows)


async def test_askings_at_the_same_time_leave_no_gap_and_get_no_number_twice(client: Client, name: str):
    client.control.change({name: {"timeout_before_effect": 0.3, "stall_s": 0, "latency_ms": [0, 20]}})
    said = await asyncio.gather(*(client.post(f"/{name}/numbers", wanted(order=f"O{n}", count=3)) for n in range(40)))
    given = [number for answer in said if answer.status_code == 200 for number in answer.json()["documentNumbers"]]
    assert 30 < len(given) < 120
    letter = LETTERS[name]["INV"]
    assert sorted(given) == [f"{letter}/26-27/{n:08}" for n in range(1, len(given) + 1)]
    assert sorted(row["number"] for row in await client.book(name, table="numbers")) == sorted(given)


async def test_an_answer_that_came_late_gave_the_numbers_that_the_repeat_gets(client: Client, name: str):
    late = {"late_effect": 1, "only_first": 1, "stall_s": 0, "late_s": [0, 0], "calls": ["numbers"]}
    client.control.change({name: late})
    assert (await client.say(f"/{name}/numbers", wanted(), "k"))[0] == 504
    await asyncio.sleep(0.05)
    assert (await client.say(f"/{name}/numbers", wanted(), "k"))[1]["documentNumbers"][0][-8:] == "00000001"
    assert len(await client.book(name, table="numbers")) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (wanted(sellerGstin="29-A"), "sellerGstin: a text like"),
        (wanted(reversal="R1"), "reversal: with a credit note, and with no other document"),
        (wanted("CRN", reversal=None), "reversal: with a credit note, and with no other document"),
    ],
)
async def test_numbers_for_nothing_are_refused(client: Client, name: str, body: dict[str, Any], says: str):
    status, said = await client.say(f"/{name}/numbers", body)
    assert (status, said["code"], said["reason"][: len(says)]) == (422, "INVALID", says)
    assert await client.book(name) == []


async def test_a_refused_number_is_given_once_it_is_put_right(client: Client, name: str):
    client.control.change({name: {"refuse_number": 1}})
    for key in ("k", "k", "other"):
        status, said = await client.say(f"/{name}/numbers", wanted(), key)
        assert (status, said["code"]) == (422, "REFUSED")
    client.control.fix("A/O1")
    assert (await client.say(f"/{name}/numbers", wanted(), "k"))[1]["documentNumbers"][0][-8:] == "00000001"


async def test_which_shipments_get_no_number_is_the_same_at_each_repeat(client: Client, name: str):
    client.control.change({name: {"refuse_number": 0.5}})

    async def refused() -> set[int]:
        said = [(await client.say(f"/{name}/numbers", wanted(order=f"O{n}")))[0] for n in range(30)]
        return {n for n, status in enumerate(said) if status == 422}

    assert await refused() == await refused()
    assert 5 < len(await refused()) < 25


async def _given(client: Client, name: str, **more: object) -> list[str]:
    return list((await client.say(f"/{name}/numbers", wanted(**more)))[1]["documentNumbers"])


async def test_a_given_number_serves_the_document_that_it_was_given_for(client: Client, name: str):
    one, two = await _given(client, name, count=2)
    parts = sent(inv01(one, i1=2), inv01(two, i2=1), orderNumber="SO-00000001")
    assert (await client.say(f"/{name}/invoices", parts))[0] == 200
    [note] = await _given(client, name, type_="CRN")
    assert (await client.say(f"/{name}/credit-notes", credit_note(note, undoes=one, i1=1)))[0] == 200
    [bill] = await _given(client, name, type_="BIL", order="O2")
    assert (await client.say(f"/{name}/invoices", sent(bill_of_supply(bill), order="O2")))[0] == 200
    invoices = await client.book(name, table="invoices")
    assert [(row["type"], row["order_number"]) for row in invoices] == [("INV", "SO-00000001"), ("BIL", None)]
    [noted] = await client.book(name, table="credit_notes")
    assert (noted["type"], noted["order_number"]) == ("CRN", "SO-00000001")


async def test_a_number_of_the_series_that_was_not_given_is_refused(client: Client, name: str):
    one = (await _given(client, name))[0]
    never_given = one[:-1] + "2"
    for body in (
        sent(inv01(never_given)),
        sent(inv01(one), orderCode="O2"),
        sent(inv01(one), account="B"),
        sent(inv01(one), shipmentId="O1-S2"),
        sent(bill_of_supply(one)),
    ):
        status, said = await client.say(f"/{name}/invoices", body)
        assert (status, said["code"], said["reason"]) == (422, "INVALID", FOR_ANOTHER)
    assert (await client.say(f"/{name}/invoices", sent(inv01(one))))[0] == 200
    [note] = await _given(client, name, type_="CRN")
    status, said = await client.say(f"/{name}/credit-notes", credit_note(note, "R2", undoes=one, i1=1))
    assert (status, said["reason"]) == (422, FOR_ANOTHER)


async def test_a_number_of_a_year_that_is_over_is_refused(client: Client, name: str):
    [old] = await _given(client, name, documentTime="2026-03-31T18:29:00Z")
    assert (await client.say(f"/{name}/invoices", sent(inv01(old))))[1]["reason"] == FOR_ANOTHER


async def test_two_sellers_have_the_same_numbers_and_each_its_own(client: Client, name: str):
    [ours], [theirs] = await _given(client, name), await _given(client, name, order="O2", sellerGstin=OTHER_SELLER)
    assert ours == theirs
    other = changed(inv01(theirs), "SellerDtls.Gstin", OTHER_SELLER)
    assert (await client.say(f"/{name}/invoices", sent(other)))[1]["reason"] == FOR_ANOTHER
    assert (await client.say(f"/{name}/invoices", sent(other, order="O2")))[0] == 200


async def test_a_number_of_the_series_is_for_one_document_though_it_was_refused(client: Client, name: str):
    one, two = await _given(client, name, count=2)
    [three] = await _given(client, name)
    client.control.change({name: {"refuse": 1}})
    assert (await client.say(f"/{name}/invoices", sent(inv01(one, i1=2), inv01(two, i2=1))))[1]["code"] == "REFUSED"
    client.control.fix("A/O1")
    for parts in ((inv01(two),), (inv01(three, i1=2), inv01(two, i2=1))):
        status, said = await client.say(f"/{name}/invoices", sent(*parts))
        assert (status, said["reason"]) == (422, "documents.documentNumber: a number of the series is for one document")
    assert (await client.say(f"/{name}/invoices", sent(inv01(one, i1=2), inv01(two, i2=1))))[0] == 200
    assert (await client.say(f"/{name}/invoices", sent(inv01(one, i1=2), inv01(two, i2=1))))[0] == 409


async def test_numbers_of_another_form_are_taken_as_before(client: Client, name: str):
    for number in ("BABCDEFGHIJKLMN", "X/26-27/00000001"):
        assert (await client.say(f"/{name}/invoices", sent(inv01(number), orderNumber="PO-7")))[0] == 200


async def test_an_order_number_is_the_orders_own(client: Client, name: str):
    wrong = "orderNumber: the number that the order was given"
    assert (await client.say(f"/{name}/invoices", sent(inv01(), orderNumber="SO-00000001")))[1]["reason"] == wrong
    await _given(client, name)
    await _given(client, name, order="O2")
    assert (await client.say(f"/{name}/invoices", sent(inv01(), orderNumber="SO-00000002")))[1]["reason"] == wrong
    assert (await client.say(f"/{name}/invoices", sent(inv01(), orderNumber="SO-00000001")))[0] == 200
