"""The JSON Schema (2020-12) of each message, for whoever writes or reads our topics in another language."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from b2b2c_saga.model.messages import BY_TYPE, Message

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Pydantic's, without a title for each field, and with the places that an amount written as text may have."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        places, digits = schema.get("decimal_places"), schema.get("max_digits")
        if places is None or digits is None:
            return super().decimal_schema(schema)
        amount = rf"^0*[0-9]{{1,{digits - places}}}(\.[0-9]{{1,{places}}}0*)?$"
        return {"anyOf": [{"type": "string", "pattern": amount}, {"type": "number", "minimum": 0}]}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's signature
        return False


def schema_of(kind: type[Message]) -> dict[str, Any]:
    """The schema of one message type: what its value may be, by the names on the wire."""
    found = kind.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    title = found.pop("title")
    about = found.pop("description", "")
    return {
        "$schema": DIALECT,
        "$id": f"urn:b2b2c:schema:{title}:v1",
        "title": title,
        "description": f"{' '.join(about.split())} CloudEvents type {kind.ce_type()}, topic {kind.topic}.".strip(),
        **found,
    }


def schema_files() -> Iterator[tuple[str, str]]:
    """File name and text of every message's schema; the same models give the same bytes."""
    for name, kind in sorted(BY_TYPE.items()):
        text = json.dumps(schema_of(kind), indent=2, ensure_ascii=False, sort_keys=False)
        yield f"{name.removeprefix('b2b2c.')}.json", text + "\n"
