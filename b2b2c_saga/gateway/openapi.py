"""The doors as an OpenAPI 3.1 document, made from the same models that read the calls."""

import json
from http import HTTPStatus
from typing import Any

from b2b2c_saga.bus.schemas import components
from b2b2c_saga.gateway.bodies import BODY_AT_MOST
from b2b2c_saga.gateway.doors import ASKED, INVENTORY, TOLD, Door
from b2b2c_saga.gateway.inventory import Inventory, InventoryItem
from b2b2c_saga.model.messages.base import Part

VERSION = "1"
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457). `errors` has each broken field with its value and rule.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Broken"}},
    },
}
BROKEN = {
    "type": "object",
    "required": ["field", "rule"],
    "properties": {
        "field": {"type": "string"},
        "value": {"description": "As it was given; never a personal one."},
        "rule": {"type": "string"},
        "reason": {"type": "string"},
    },
}
ACCEPTED = {
    "type": "object",
    "required": ["status", "eventId"],
    "properties": {"status": {"const": "ACCEPTED"}, "eventId": {"type": "string"}},
}
TAKEN_IN = {
    "type": "object",
    "required": ["accepted", "refused", "items"],
    "properties": {
        "accepted": {"type": "integer"},
        "refused": {"type": "integer"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku", "status"],
                "properties": {
                    "sku": {"type": ["string", "null"]},
                    "status": {"enum": ["ACCEPTED", "REFUSED"]},
                    "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Broken"}},
                },
            },
        },
    },
}
HEADERS = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The same key again is the same event.",
    },
    {"name": "traceparent", "in": "header", "schema": {"type": "string"}, "description": "W3C Trace Context."},
]


PENDING = {
    "type": "object",
    "description": "Taken in, and no answer yet: repeat the same call.",
    "required": ["status", "remedy"],
    "properties": {"status": {"const": "PENDING"}, "remedy": {"type": "string"}},
}
REFUSALS = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"The body has more than {BODY_AT_MOST:,} bytes",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Nothing was done: `errors` says why",
    HTTPStatus.SERVICE_UNAVAILABLE: "No Kafka: perhaps taken in, perhaps not. Repeat the same call",
}
Schema = dict[str, Any]


def document() -> Schema:
    """The whole API."""
    paths = {door.path: _asked(door) for door in ASKED}
    paths |= {path: _call(kind, {HTTPStatus.ACCEPTED: _ref("Accepted")}) for path, kind in TOLD.items()}
    taken_in = {HTTPStatus.ACCEPTED: _ref("TakenIn"), HTTPStatus.MULTI_STATUS: _ref("TakenIn")}
    paths[INVENTORY] = _call(Inventory, taken_in)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "B2B2C Enabler API",
            "version": VERSION,
            "description": "What systems upstream say over HTTP. With examples: docs/publishing.md.",
        },
        "servers": [{"url": "http://127.0.0.1:8280"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {str(int(status)): _answer(said, _ref("Problem")) for status, said in REFUSALS.items()},
        },
    }


def text() -> str:
    """The document as its file has it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _asked(door: Door) -> Schema:
    """A repeat gets what the first call got; a 202 is a handover that is held, or no answer yet."""
    answer = _ref(door.answers.__name__)
    conflict = {"allOf": [_ref("Problem"), answer]}
    held = {"anyOf": [answer, _ref("Pending")]}
    return _call(door.event, {HTTPStatus.OK: answer, HTTPStatus.ACCEPTED: held, HTTPStatus.CONFLICT: conflict})


def _call(kind: type[Part], answers: dict[HTTPStatus, Schema]) -> Schema:
    said = {str(int(status)): _answer(status.phrase, schema) for status, schema in answers.items()}
    return {
        "post": {
            "operationId": kind.__name__,
            "summary": (kind.__doc__ or "").strip().splitlines()[0],
            "parameters": HEADERS,
            "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(kind.__name__)}}},
            "responses": said | {str(int(s)): {"$ref": f"#/components/responses/{int(s)}"} for s in REFUSALS},
        }
    }


def _answer(said: str, schema: Schema) -> Schema:
    media = "application/problem+json" if _ref("Problem") in (schema, *schema.get("allOf", ())) else "application/json"
    return {"description": said, "content": {media: {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Schema:
    found = components(Inventory, InventoryItem, *TOLD.values(), *(door.event for door in ASKED))
    found["Inventory"]["properties"]["items"]["items"] = _ref("InventoryItem")  # each is read by itself
    for door in ASKED:
        del found[door.event.__name__]["properties"]["requestId"]  # ours, as in the answers
        answer = components(door.answers, mode="serialization")
        whole = answer[door.answers.__name__]
        del whole["properties"]["requestId"]
        whole["required"].remove("requestId")
        found |= answer
    own = {"Problem": PROBLEM, "Broken": BROKEN, "Accepted": ACCEPTED, "TakenIn": TAKEN_IN, "Pending": PENDING}
    return dict(sorted((found | own).items()))
