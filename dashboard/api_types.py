"""Write ``src/api/types.ts``: the shapes of the HTTP API and of the live messages as TypeScript.

Those of the API come from the server's OpenAPI document, those of the messages from their Structs. Run as
``python dashboard/api_types.py``; a test of the server compares the file with what it would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from argus.server import openapi
from argus.server.live_messages import KINDS
from argus.server.routes import table

TARGET = Path(__file__).parent / "src" / "api" / "types.ts"
HEAD = """/**
 * The shapes of the HTTP API and of the live messages, made from the server's types by `python dashboard/api_types.py`:
 * edit those instead.
 */"""
WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def source() -> str:
    """Return the file's text: one interface, or type, per schema, and what a live message has to hold."""
    messages = msgspec.json.schema_components(KINDS, ref_template=openapi.REFERENCE)[1]
    names = [kind.__name__ for kind in KINDS]
    schemas = {**messages, **openapi.document(table.TABLE)["components"]["schemas"]}
    parts = [HEAD, *("\n".join(_interface(name, schemas[name])) for name in sorted(schemas))]
    kinds = f"export type ServerMessage = {' | '.join(names)};"
    parts.append(f"/** Whatever the server says on the live connection. */\n{kinds}")
    parts.append("\n".join(_members([messages[name] for name in names])))
    return "\n\n".join(parts) + "\n"


def _interface(name: str, schema: Schema) -> Iterator[str]:
    yield f"/** {openapi.plain(schema)['description']} */"
    if "enum" in schema:
        yield f"export type {name} = {_type(schema)};"
        return
    yield f"export interface {name} {{"
    for field, inner in schema.get("properties", {}).items():
        if "description" in inner:  # what tells one kind of message from another has none
            yield f"  /** {inner['description']} */"
        mark = "" if field in schema["required"] else "?"
        yield f"  {field}{mark}: {_type(inner)};"
    yield "}"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return _array(schema)
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    return WORDS[schema["type"]] if "type" in schema else "unknown"


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(item) for item in schema['prefixItems'])}]"
    inner = _type(schema["items"])
    return f"({inner})[]" if " " in inner else f"{inner}[]"


def _members(messages: list[Schema]) -> Iterator[str]:
    """Yield a table for reading messages: of each kind the members that must be there, and what they are."""
    yield "/** Of each kind of message the members that it must have, and what JavaScript calls them. */"
    yield "export const MESSAGE_MEMBERS = {"
    for schema in messages:
        fields = {name: inner for name, inner in schema["properties"].items() if name in schema["required"]}
        (op,) = fields.pop("op")["enum"]
        held = ", ".join(f"{name}: {json.dumps(sorted(_held(inner)))}" for name, inner in fields.items())
        yield f"  {op}: {{ {held} }},"
    yield "} as const;"


def _held(schema: Schema) -> set[str]:
    """Return what JavaScript calls the values of a schema; an array is told from an object, and null from both."""
    if "$ref" in schema:
        return {"object"}
    if "anyOf" in schema:
        return set().union(*(_held(choice) for choice in schema["anyOf"]))
    return {WORDS.get(schema["type"], schema["type"])}


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
