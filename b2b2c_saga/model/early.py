"""Events that came before what they need: they wait in the row."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from b2b2c_saga.model.facts import fact
from b2b2c_saga.model.messages import BY_TYPE, Event, Message


def _dump(event: Message) -> dict[str, Any]:
    return {"type": event.ce_type(), "data": event.model_dump(mode="json", exclude_none=True)}


def _load(kept: Any) -> Message:  # noqa: ANN401 - what JSON gives
    return kept if isinstance(kept, Message) else BY_TYPE[kept["type"]].model_validate_json(json.dumps(kept["data"]))


@fact
class Early:
    """An event and when it came; it is parked when its patience runs out."""

    event: Annotated[Event, PlainValidator(_load), PlainSerializer(_dump)]
    since: datetime
