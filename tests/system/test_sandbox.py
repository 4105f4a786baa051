"""The sandbox as a process: loopback only, quick enough, and with books that survive a kill."""

import asyncio
import json
import socket
import subprocess
import time

import httpx
import pytest
from outside import PROGRAM, Process, Sandbox, running_sandbox

from b2b2c_saga.settings import Settings


def pack(order: str) -> dict[str, object]:
    items = [{"orderItemCode": "i1", "quantity": 2}]
    return {"account": "A", "orderCode": order, "shipmentId": f"{order}-S1", "items": items}


@pytest.fixture
def alone(tmp_path: object) -> Settings:
    """Settings without Kafka: the sandbox knows none."""
    return Settings(_env_file=None, bootstrap_servers="127.0.0.1:1", data_dir=f"{tmp_path}/data")


def test_books_and_answers_survive_a_kill(alone: Settings) -> None:
    first = Sandbox(Process(alone, "sandbox", "--port", "0"))
    answer = first.post("/marketplace/packs", "k", pack("O1"))
    first.faults(marketplace={"timeout_after_effect": 1, "calls": ["packs"]})
    with pytest.raises(httpx.ReadTimeout):
        first.post("/marketplace/packs", "k2", pack("O2"), timeout=0.5)
    first.process.kill()
    with running_sandbox(alone) as second:
        assert second.post("/marketplace/packs", "k", pack("O1")).content == answer.content
        assert [row["order_code"] for row in second.book("marketplace")] == ["O1", "O2"]


def test_the_list_of_orders_goes_on_after_a_kill_where_it_was_read_to(alone: Settings) -> None:
    def placed(code: str) -> dict[str, object]:
        item = {"channelSkuCode": "K", "orderItemCode": "i", "quantity": 1, "sellingPricePerUnit": "9.00"}
        times = {"orderTime": "2026-04-01T09:30:00Z", "dispatchByTime": "2026-04-02T09:30:00Z"}
        names = {"parentOrderCode": "P", "channel": "C", "location": "L", "paymentMethod": "COD"}
        return {"account": "A", "orderCode": code, "items": [item], "recipient": {}} | times | names

    def read(sandbox: Sandbox, after: str) -> tuple[list[str], str]:
        said = httpx.get(f"{sandbox.url}/marketplace/orders", params={"account": "A", "after": after}).json()
        return [order["orderCode"] for order in said["orders"]], said["cursor"]

    first = Sandbox(Process(alone, "sandbox", "--port", "0"))
    for code in ("O1", "O2"):
        assert first.post("/marketplace/orders", code, placed(code)).status_code == 200
    codes, cursor = read(first, "")
    first.process.kill()
    with running_sandbox(alone) as second:
        second.post("/marketplace/orders", "O3", placed("O3"))
        assert (codes, read(second, cursor)[0], read(second, "")[0]) == (["O1", "O2"], ["O3"], ["O1", "O2", "O3"])


async def test_calls_that_come_all_at_once_are_all_answered(alone: Settings) -> None:
    with running_sandbox(alone) as sandbox:
        async with httpx.AsyncClient(base_url=sandbox.url, timeout=30) as client:

            async def one(n: int) -> int:
                answer = await client.post(
                    "/marketplace/packs", json=pack(f"O{n}"), headers={"Idempotency-Key": f"{n}"}
                )
                return answer.status_code

            statuses = await asyncio.gather(*(one(n) for n in range(300)))
        assert statuses == [200] * 300
        assert len(sandbox.book("marketplace")) == 300


def test_a_caller_that_hangs_up_does_not_hold_up_the_end(alone: Settings) -> None:
    with running_sandbox(alone, "--faults", "marketplace.timeout_before_effect=1") as sandbox:
        with pytest.raises(httpx.ReadTimeout):
            sandbox.post("/marketplace/packs", "k", pack("O1"), timeout=0.2)
        began = time.monotonic()
        sandbox.process.stop()
        assert time.monotonic() - began < 5


def test_faults_are_shown_and_bad_ones_refused(alone: Settings) -> None:
    with running_sandbox(alone, "--seed", "7", "--faults", "erp.refuse=0.5") as sandbox:
        shown = httpx.get(f"{sandbox.url}/control/faults").json()
        assert (shown["seed"], shown["erp"]) == (7, {"refuse": 0.5})
        for bad in ({"erp": {"refuse": "often"}}, {"erp": 3}, [1], "x"):
            answer = httpx.post(f"{sandbox.url}/control/faults", json=bad)
            assert (answer.status_code, list(answer.json())) == (400, ["reason"]), bad
        assert httpx.post(f"{sandbox.url}/control/faults", content=b"\xff").status_code == 400
        assert httpx.get(f"{sandbox.url}/control/faults").json() == shown


def test_it_listens_on_the_loopback_and_says_where(alone: Settings) -> None:
    with running_sandbox(alone) as sandbox:
        assert json.loads((alone.data_dir / "sandbox" / "sandbox.json").read_text()) == {"url": sandbox.url}
        assert sandbox.url.startswith("http://127.0.0.1:")
        port = sandbox.url.rsplit(":", 1)[1]
        taken = subprocess.run(
            [*PROGRAM, "--data-dir", str(alone.data_dir), "sandbox", "--port", port],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert taken.returncode == 69
        assert f"port {port}" in taken.stderr
        assert "choose another --port" in taken.stderr
        addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in addresses - {"127.0.0.1"}:
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((address, int(port)), 1)
