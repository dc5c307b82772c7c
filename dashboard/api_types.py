"""Write ``src/api/types.ts``: the shapes of the HTTP API as TypeScript, from the server's OpenAPI document.

Run as ``python dashboard/api_types.py``; a test of the server compares the file with what it would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from argus.server import openapi
from argus.server.routes import table

TARGET = Path(__file__).parent / "src" / "api" / "types.ts"
HEAD = """/**
 * The shapes of the HTTP API, made from the server's OpenAPI document by `python dashboard/api_types.py`: edit the
 * server's types instead.
 */"""
WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def source(schemas: dict[str, Schema]) -> str:
    """Return the file's text: one interface, or type, per schema."""
    parts = [HEAD, *("\n".join(_interface(name, schemas[name])) for name in sorted(schemas))]
    return "\n\n".join(parts) + "\n"


def _interface(name: str, schema: Schema) -> Iterator[str]:
    yield f"/** {schema['description']} */"
    if "enum" in schema:
        yield f"export type {name} = {_type(schema)};"
        return
    yield f"export interface {name} {{"
    for field, inner in schema.get("properties", {}).items():
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


if __name__ == "__main__":
    TARGET.write_text(source(openapi.document(table.TABLE)["components"]["schemas"]), encoding="utf-8")
