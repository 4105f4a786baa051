"""What was too large to be kept with its reason: it lies where it first came from, as long as that topic keeps it."""

from dataclasses import replace

from b2b2c_saga.bus.reading import record_at
from b2b2c_saga.bus.records import Record
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.waiting import Waiting
from b2b2c_saga.settings import Settings


async def whole(settings: Settings, one: Parked) -> Record:
    """The parked record, with the value and headers that it came with.

    Raises:
        BadInput: it was parked without them, and is gone from where it came from; names the command that skips it.
        Unavailable: the cluster does not answer.
    """
    if not one.omitted:
        return one.record
    first = await record_at(settings, one.origin, one.record.partition, one.offset or 0)
    if first is None:
        place = f"{one.origin}, partition {one.record.partition}, offset {one.offset}"
        rule = f"`b2b2c-saga replay skip --offset {one.record.partition}:{one.record.offset} --reason ...`"
        raise BadInput("a parked record was too large to be kept, and is gone", place, rule=rule)
    return replace(one.record, value=first.value, headers=(*first.headers, *one.record.headers))


async def made_whole(settings: Settings, waiting: Waiting) -> Waiting:
    """The same with each record whole.

    Raises:
        BadInput, Unavailable: as `whole`.
    """
    if not any(one.omitted for one in waiting.records):
        return waiting
    return replace(waiting, records=tuple([Parked(await whole(settings, one)) for one in waiting.records]))
