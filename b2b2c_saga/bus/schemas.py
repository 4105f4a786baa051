"""The JSON Schema (2020-12) of each message, for whoever writes or reads our topics in another language."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from b2b2c_saga.model.messages import BY_TYPE, Event, Message

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Read(GenerateJsonSchema):
    """Pydantic's, without titles of fields, and with the sign and places that an amount written as text may have."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        places, digits = schema.get("decimal_places"), schema.get("max_digits")
        if places is None or digits is None:
            return super().decimal_schema(schema)
        bounds = {"minimum": schema.get("ge"), "maximum": schema.get("le")}
        told = {name: int(at) if at == int(at) else float(at) for name, at in bounds.items() if at is not None}
        sign = "" if told.get("minimum", -1) >= 0 else "-?"
        amount = rf"^{sign}0*[0-9]{{1,{digits - places}}}(\.[0-9]{{1,{places}}}0*)?$"
        return {"anyOf": [{"type": "string", "pattern": amount}, {"type": "number", **told}]}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's signature
        return False


class _Written(_Read):
    """The same for what we alone write: free text as it is once it is read, one line and cut."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schema_of(kind: type[Message]) -> dict[str, Any]:
    """The schema of one message type: what its value may be, by the names on the wire.

    Of an event that is what we read, which others may publish; of all else it is what we write.
    """
    generator = _Read if issubclass(kind, Event) else _Written
    found = kind.model_json_schema(by_alias=True, mode="validation", schema_generator=generator)
    title = found.pop("title")
    about = " ".join(found.pop("description", "").split())
    topics = " or ".join(sorted(kind.travels_on()))
    return {
        "$schema": DIALECT,
        "$id": f"urn:b2b2c:schema:{title}:v1",
        "title": title,
        "description": f"{about} CloudEvents type {kind.ce_type()}, topic {topics}.".strip(),
        **found,
    }


def components(*kinds: type[BaseModel], mode: JsonSchemaMode = "validation") -> dict[str, Any]:
    """The schemas of models and of all their parts, by name, referring to each other as OpenAPI wants it."""
    _, found = models_json_schema(
        [(kind, mode) for kind in kinds],
        by_alias=True,
        ref_template="#/components/schemas/{model}",
        schema_generator=_Read,
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def schema_files() -> Iterator[tuple[str, str]]:
    """File name and text of every message's schema; the same models give the same bytes."""
    for name, kind in sorted(BY_TYPE.items()):
        text = json.dumps(schema_of(kind), indent=2, ensure_ascii=False, sort_keys=False)
        yield f"{name.removeprefix('b2b2c.')}.json", text + "\n"
