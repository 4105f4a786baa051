"""Faults are drawn, not left to chance; what is asked for by hand holds for that order alone."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from papers import which
from sandbox_client import Client, pack, shipment

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.sandbox.faults import Control, Faults, Kind, befalls, chance, read_faults

SHARE = 1 / 7
ALL_KINDS = Faults(
    timeout_after_effect=SHARE,
    timeout_before_effect=SHARE,
    late_effect=SHARE,
    error_500=SHARE,
    busy=SHARE,
    nonsense=SHARE,
)


def test_each_fault_befalls_its_share_and_the_same_calls_every_time():
    def drawn(seed: int) -> list[Kind]:
        return [befalls(ALL_KINDS, "packs", 1, chance(seed, n)) for n in range(7_000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert all(900 < n < 1_100 for n in Counter(drawn(1)).values())
    assert len(Counter(drawn(1))) == 7


def test_faults_may_be_for_some_calls_and_the_first_askings_only():
    always = Faults(error_500=1, calls=frozenset({"packs"}), only_first=2)
    assert [befalls(always, "packs", n, 0.5) for n in (1, 2, 3)] == [Kind.ERROR, Kind.ERROR, Kind.NONE]
    assert befalls(always, "handovers", 1, 0.5) is Kind.NONE


def test_faults_of_an_order_go_before_those_of_its_system():
    control = Control(1, {"erp": {"refuse": 0.1, "latency_ms": [1, 2]}})
    control.change({"orders": {"A/1": {"erp": {"refuse": 1}}}})
    assert (control.of("erp", "A/1").refuse, control.of("erp", "A/1").latency_ms) == (1, (1, 2))
    assert control.of("erp", "A/2").refuse == control.of("erp").refuse == 0.1
    assert control.of("wms", "A/1") == Faults()
    control.change({"orders": {"A/1": {"erp": {"refuse": None, "down": True}}}})
    assert (control.of("erp", "A/1").refuse, control.of("erp", "A/1").down) == (0.1, True)
    control.change({"orders": {"A/1": None}, "erp": None})
    assert control.shown() == Control(1).shown()


def test_what_is_refused_for_good_is_put_right_for_one_order_in_all_systems():
    control = Control(1, {"erp": {"refuse": 1, "error_500": 1}, "marketplace": {"refuse": 1}})
    control.fix("A/1")
    fixed, other = control.of("erp", "A/1"), control.of("erp", "A/2")
    assert (fixed.refuse, fixed.error_500, control.of("marketplace", "A/1").refuse) == (0, 1, 0)
    assert (other.refuse, control.of("marketplace", "A/2").refuse) == (1, 1)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"sap": {}}, "unknown system: faults = 'sap'"),
        ({"erp": {"refuse": 2}}, "erp.refuse = 2"),
        ({"erp": {"nonsense": 2}}, "erp.nonsense = 2"),
        ({"orders": {"A/1": {"sap": {}}}}, "unknown system"),
    ],
)
def test_unknown_faults_are_refused_and_change_nothing(wanted: dict[str, object], says: str):
    control = Control(1, {"erp": {"refuse": 0.1}})
    with pytest.raises(BadInput, match=says):
        control.change({"wms": {"down": True}} | wanted)
    assert control.shown() == Control(1, {"erp": {"refuse": 0.1}}).shown()


def test_faults_are_read_from_a_line_or_a_file(tmp_path: Path):
    file = tmp_path / "faults.yaml"
    file.write_text("erp: {refuse: 0.02, latency_ms: [50, 200]}\nwms: {down: true}\n")
    line = "erp.refuse=0.02,erp.latency_ms=50-200,wms.down=true"
    assert Control(1, read_faults(line)).shown() == Control(1, read_faults(str(file))).shown()
    for bad in ("erp", "erp.refuse", "/no/such/file.yaml"):
        with pytest.raises(BadInput, match="no file, and no fault"):
            read_faults(bad)
    file.write_text("- erp")
    with pytest.raises(BadInput, match="not a mapping"):
        read_faults(str(file))


async def test_faults_are_put_right_over_http(tmp_path: Path):
    client = Client(tmp_path, marketplace={"refuse": 1})
    assert (await client._http.post("/control/fix", params={"order": "O1"})).status_code == 400
    shown = (await client._http.post("/control/fix", params={"order": "A/O1"})).json()
    assert shown["orders"]["A/O1"]["marketplace"]["refuse"] == 0
    assert [(await client.post("/marketplace/packs", pack(order))).status_code for order in ("O1", "O2")] == [200, 422]


async def test_down_is_down_for_everything_of_the_system(tmp_path: Path):
    client = Client(tmp_path, erp={"down": True})
    assert (await client.get("/erp/look-ups", **which())).status_code == 503
    assert (await client.get("/health")).status_code == 200
    assert (await client.post("/marketplace/packs", pack())).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [("error_500", 500, 0), ("busy", 409, 0), ("timeout_before_effect", 504, 0), ("late_effect", 504, 1)],
)
async def test_a_fault_does_what_it_says(tmp_path: Path, fault: str, status: int, done: int):
    client = Client(tmp_path, marketplace={fault: 1, "stall_s": 0.2, "late_s": [0.01, 0.01]})
    assert (await client.post("/marketplace/packs", pack(), "k")).status_code == status
    assert len(await client.book("marketplace")) == done


async def test_nonsense_is_done_and_what_is_answered_says_nothing_of_it(tmp_path: Path):
    client = Client(tmp_path, marketplace={"nonsense": 1})
    assert await client.say("/marketplace/packs", pack(), "k") == (200, {"result": "OK", "details": {"code": 4711}})
    (done,) = await client.book("marketplace")
    client.control.fix("A/O1")
    assert (await client.say("/marketplace/packs", pack(), "k"))[1]["invoiceCode"] == done["invoice_code"]


async def test_odd_names_are_the_systems_own_and_stay_the_same(tmp_path: Path):
    client = Client(tmp_path, marketplace={"odd_names": 1})
    _, papers = await client.say("/marketplace/packs", pack())
    assert papers == (await client.ask("/marketplace/labels", **shipment()))[1]
    assert papers["invoiceCode"].startswith("FAB/25-26/")
    assert papers["shippingLabel"]["awbNumber"].startswith("दिल्ली/№ ")
    assert 640 <= len(papers["shippingLabel"]["url"]) < 1_000


async def test_a_late_effect_that_was_asked_for_again_happens_once(tmp_path: Path):
    faults = {"late_effect": 1, "only_first": 1, "stall_s": 0, "late_s": [0.2, 0.2]}
    client = Client(tmp_path, marketplace=faults)
    assert (await client.post("/marketplace/packs", pack(), "k")).status_code == 504
    answer = await client.post("/marketplace/packs", pack(), "k")
    await asyncio.sleep(0.3)
    assert (await client.post("/marketplace/packs", pack(), "k")).content == answer.content
    assert len(await client.book("marketplace")) == 1


async def test_which_calls_meet_a_fault_does_not_depend_on_their_order(tmp_path: Path):
    async def failed(name: str, numbers: list[int]) -> set[int]:
        client = Client(tmp_path / name, marketplace={"error_500": 0.5})
        said = await asyncio.gather(*(client.post("/marketplace/packs", pack(f"O{n}"), f"k{n}") for n in numbers))
        return {n for n, answer in zip(numbers, said, strict=True) if answer.status_code == 500}

    forth, back = await failed("forth", list(range(40))), await failed("back", list(range(39, -1, -1)))
    assert forth == back
    assert 10 < len(forth) < 30
