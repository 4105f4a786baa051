"""What goes wrong, and when: drawn from a seed, the call, its key and how often it was asked; never from timing."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from b2b2c_saga.model.errors import BadInput

SYSTEMS = ("marketplace", "omni", "erp", "wms", "rms")
REFUSALS = ("refuse", "refuse_later", "refuse_number", "refuse_eway_bill", "revoke", "differs", "nonsense")
"""What goes wrong for good, until somebody puts it right."""
Rate = Annotated[float, Field(ge=0, le=1)]
Some = Rate | frozenset[str]
"""A share, or these by name."""
Seconds = Annotated[float, Field(ge=0)]


class Faults(BaseModel):
    """What may go wrong in one system. Rates are shares of calls; ranges are (least, most)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latency_ms: tuple[Seconds, Seconds] = (0, 0)
    timeout_after_effect: Rate = 0
    """Does it, and never answers."""
    timeout_before_effect: Rate = 0
    """Does nothing, and never answers."""
    late_effect: Rate = 0
    """Never answers, and does it `late_s` seconds later."""
    error_500: Rate = 0
    """Does nothing, and answers 500."""
    busy: Rate = 0
    """Does nothing, and answers 409 BUSY."""
    nonsense: Rate = 0
    """Does it, and answers what nobody understands."""
    down: bool = False
    """Answers 503 to everything."""
    only_first: int | None = None
    """The rates above hold for the first so many askings of the same key only; None: for all."""
    calls: frozenset[str] | None = None
    """The rates above hold for these calls only, such as `packs`; None: for all."""
    stall_s: Seconds = 60
    """How long "never" is; a caller that hangs up ends it."""
    late_s: tuple[Seconds, Seconds] = (0.5, 3)

    refuse: Rate = 0
    """Share that is refused, the same at each repeat. ERP, RMS: of document numbers; marketplace: of shipments to pack;
    WMS: of B2B orders, and of reversals' put-aways."""
    refuse_later: Rate = 0
    """ERP, RMS: share of invoice numbers that are acknowledged, and refused when they should have been registered."""
    refuse_number: Rate = 0
    """ERP, RMS: share of shipments (and of their reversals) that get no number for their document."""
    unknown_pins: frozenset[str] = frozenset()
    """ERP, RMS: PIN codes of consumers that the registry does not know, however right they look."""
    refuse_eway_bill: Rate = 0
    """ERP, RMS: share of document numbers that get no e-way bill."""
    registration_delay_s: tuple[Seconds, Seconds] = (0.2, 1)
    """ERP, RMS: from the acknowledgement to the registration."""
    hold_registration: bool = False
    """ERP, RMS: nothing gets registered (or refused later) until this is false again."""
    revoke: Rate = 0
    """ERP, RMS: share of invoice numbers that the registry takes back after it registered them."""
    revoke_after_s: tuple[Seconds, Seconds] = (0.2, 1)
    """ERP, RMS: from the registration to that."""
    differs: Rate = 0
    """ERP, RMS: share of document numbers that somebody else has used already."""
    void_window_s: Seconds = 24 * 3600
    """ERP, RMS: how long after its registration a document may be voided, where the provider has voids."""
    eway_bill_apart: Rate = 0
    """ERP, RMS: share of document numbers whose e-way bill does not come with the registration: it is asked for."""
    eway_bill_window_s: Seconds = 24 * 3600
    """ERP, RMS: how long after it was issued an e-way bill may be cancelled."""
    odd_names: Rate = 0
    """Marketplace: share of shipments, WMS: of B2B orders, ERP, RMS: of orders, whose own names are odd, and right."""
    label_delay_s: tuple[Seconds, Seconds] = (0, 0)
    """Marketplace: from the pack to the shipping label."""
    dispatched: Rate = 0
    """Marketplace: share of shipments that have left when they are handed over: the answer is that, not a success."""
    refuse_sku: Some = 0
    """Marketplace, Omni: SKUs whose stock is refused."""
    busy_sku: Some = 0
    """Marketplace, Omni: SKUs whose stock is not taken now."""


class Kind(StrEnum):
    """What befalls one call."""

    NONE = "none"
    AFTER = "timeout_after_effect"
    BEFORE = "timeout_before_effect"
    LATE = "late_effect"
    ERROR = "error_500"
    BUSY = "busy"
    NONSENSE = "nonsense"


def chance(*parts: object) -> float:
    """A number in [0, 1) that these parts, and nothing else, decide."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def within(span: tuple[float, float], drawn: float) -> float:
    """The place in a range that a number in [0, 1) stands for."""
    return span[0] + (span[1] - span[0]) * drawn


def befalls(faults: Faults, call: str, times: int, drawn: float) -> Kind:
    """What befalls the call that is asked for the `times`-th time."""
    if faults.calls is not None and call not in faults.calls:
        return Kind.NONE
    if faults.only_first is not None and times > faults.only_first:
        return Kind.NONE
    for kind in (Kind.AFTER, Kind.BEFORE, Kind.LATE, Kind.ERROR, Kind.BUSY, Kind.NONSENSE):
        drawn -= getattr(faults, kind.value)
        if drawn < 0:
            return kind
    return Kind.NONE


class Control:
    """The faults of now: per system, and per order on top of that; in memory, a restart begins with those given."""

    def __init__(self, seed: int = 1, given: Mapping[str, Any] | None = None) -> None:
        self.seed = seed
        self._systems: dict[str, dict[str, Any]] = {name: {} for name in SYSTEMS}
        self._orders: dict[str, dict[str, dict[str, Any]]] = {}
        self.change(given or {})

    def of(self, system: str, order: str | None = None) -> Faults:
        """What holds for a call of this system about this order (`account/orderCode`)."""
        return Faults(**(self._systems[system] | self._orders.get(order or "", {}).get(system, {})))

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Merge `{system: {fault: value}, "orders": {order: {system: {...}}}}` over what holds; null drops an entry.

        Raises:
            BadInput: an unknown system or fault, or a value out of its range; nothing is changed then.
        """
        systems = {name: dict(faults) for name, faults in self._systems.items()}
        orders = {order: dict(of) for order, of in self._orders.items()}
        for name, faults in wanted.items():
            if name == "orders":
                for order, of in (faults or {}).items():
                    kept = orders.get(order, {})
                    orders[order] = kept | {s: _merged(s, kept.get(s, {}), f) for s, f in of.items()} if of else {}
            else:
                systems[name] = _merged(name, systems.get(name, {}), faults)
        self._systems, self._orders = systems, {order: of for order, of in orders.items() if of}

    def fix(self, order: str) -> None:
        """Somebody puts right whatever is refused for good about this order (`account/orderCode`)."""
        self.change({"orders": {order: {system: dict.fromkeys(REFUSALS, 0) for system in SYSTEMS}}})

    def shown(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {"seed": self.seed} | self._systems | {"orders": self._orders}


def read_faults(text: str) -> dict[str, Any]:
    """Faults from a YAML or JSON file, or written out: `erp.refuse=0.02,erp.latency_ms=50-200,wms.down=true`.

    Raises:
        BadInput: neither.
    """
    if Path(text).is_file():
        loaded = yaml.safe_load(Path(text).read_text())
        if not isinstance(loaded, dict):
            raise BadInput("not a mapping of systems to faults", field="faults", value=text)
        return loaded
    wanted: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        system, _, fault = name.strip().partition(".")
        if not (fault and value):
            raise BadInput(
                "no file, and no fault", field="faults", value=part, rule="system.fault=value, or a file's name"
            )
        wanted.setdefault(system, {})[fault] = value.split("-") if "-" in value else value
    return wanted


def _merged(system: str, kept: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> dict[str, Any]:
    if system not in SYSTEMS:
        raise BadInput("unknown system", field="faults", value=system, rule=f"one of {', '.join(SYSTEMS)}")
    if wanted is None:
        return {}
    merged = {name: value for name, value in {**kept, **wanted}.items() if value is not None}
    try:
        return Faults(**merged).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, (system, *first["loc"])))
        raise BadInput(
            "no such fault, or not such a value", field=name, value=first["input"], rule=first["msg"]
        ) from None
