"""Rules small enough to be folded again by the check: a row names the events it was made of, and perhaps an alarm."""

from b2b2c_saga.bus.records import Record
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.runtime.engine import Decided, Job, Send

STEPS = {"intake": "orders", "pack": "orders", "stock": "stocks"}
TABLES = ("orders", "stocks")
TOPICS = (*STEPS, *TABLES, "out", "parked")
NUMBERS = 2


class Naming:
    """A row is the names of its events, in order, and the time of its alarm: `a,b,c|due`. Each event sends its name.

    An event is its name and what it does: nothing more, `alarm` (after milliseconds), `refuse`, `bug`, or `grow`
    beyond what the cluster takes.
    """

    def __init__(self, table: str) -> None:
        self._table = table

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        name, *do = (record.value or b"").decode().split()
        names, due = _parts(row)
        match do:
            case ["refuse"]:
                raise BadInput("refused on purpose")
            case ["bug"]:
                raise KeyError(name)
            case ["alarm", after]:
                due = record.timestamp + int(after)
        pad = "x" * 5_000 if do == ["grow"] else ""
        return self._next(key, [*names, name], due, pad)

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        names, due = _parts(row)
        assert due is not None, "an alarm that nobody set"
        assert due <= now, "an alarm that is not due"
        return self._next(key, [*names, f"!{due}"], None, "")

    def alarm(self, key: bytes, row: bytes) -> int | None:
        return _parts(row)[1]

    def _next(self, key: bytes, names: list[str], due: int | None, pad: str) -> Decided:
        row = f"{','.join(names)}|{due or ''}".encode()
        return Decided(row, (Send("out", key, f"{self._table} {names[-1]} {len(names)}{pad}".encode()),), due)


def _parts(row: bytes | None) -> tuple[list[str], int | None]:
    names, _, due = (row or b"|").decode().partition("|")
    return [name for name in names.split(",") if name], int(due) if due else None


def job() -> Job:
    """Two tables, as the real job has, and two step topics that change one of them."""
    return Job("sim", STEPS, {table: Naming(table) for table in TABLES}, "parked")
