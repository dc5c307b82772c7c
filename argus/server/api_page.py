"""The API's document as a page for people: plain HTML without a script, so that any policy and any browser will do."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

STYLE = (Path(__file__).parent / "api_page.css").read_text(encoding="utf-8")
REFERENCE = "#/components/schemas/"
KEYS = {"bearer", "key"}


def page(document: Schema) -> str:
    """Return the page. Every text of the document is escaped."""
    return "\n".join(_page(document))


def _page(document: Schema) -> Iterator[str]:
    info = document["info"]
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>HTTP API · Argus</title>
<link rel="icon" type="image/svg+xml" href="../favicon.svg">
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header>
<h1>HTTP API</h1>
<p>Argus {escape(info["version"])}. {_text(info["description"])}
The same for programs: <a href="openapi.json">openapi.json</a>.</p>
</header>
<nav aria-label="Contents"><ul>"""
    for tag in document["tags"]:
        yield f'<li><a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a></li>'
    yield '<li><a href="#shapes">Shapes</a></li></ul></nav><main>'
    for tag in document["tags"]:
        name = tag["name"]
        yield f'<section><h2 id="{_anchor(name)}">{escape(name)}</h2><p>{_text(tag["description"])}</p>'
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if name in operation["tags"]:
                    yield from _operation(method.upper(), path, operation)
        yield "</section>"
    yield '<section><h2 id="shapes">Shapes</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield from _shape(name, schema)
    yield "</section></main></body></html>"


def _operation(method: str, path: str, operation: Schema) -> Iterator[str]:
    yield f'<article id="{escape(operation["operationId"])}">'
    yield f"<h3><code><b>{method}</b> {escape(path)}</code> {escape(operation['summary'])}</h3>"
    for paragraph in operation["description"].split("\n\n"):
        yield f"<p>{_text(paragraph)}</p>"
    if operation["parameters"]:
        rows = [
            (parameter["name"], parameter["schema"], parameter["description"], parameter["required"])
            for parameter in operation["parameters"]
        ]
        yield from _table("Parameter", rows)
    if "requestBody" in operation:
        yield f"<p>Body: {_content(operation['requestBody'])}</p>"
    yield "<ul>"
    for status, answer in operation["responses"].items():
        shown = f" {_content(answer)}" if status < "4" else ""
        yield f"<li><b>{escape(status)}</b> {_text(answer['description'])}{shown}</li>"
    yield f"</ul><pre>{escape(_curl(method, path, operation))}</pre></article>"


def _curl(method: str, path: str, operation: Schema) -> str:
    words = ["curl"] if method == "GET" else [f"curl -X {method}"]
    schemes = {scheme for entry in operation["security"] for scheme in entry}
    if schemes & KEYS:
        words.append('-H "Authorization: Bearer $KEY"')
    elif schemes:
        words.append('-u "admin:$PASSWORD"')
    if "requestBody" in operation:
        words.append("-d @body.json")
    return f'{" ".join(words)} "$ARGUS{path}"'


def _shape(name: str, schema: Schema) -> Iterator[str]:
    yield f'<article id="shape-{escape(name)}"><h3><code>{escape(name)}</code></h3>'
    yield f"<p>{_text(schema.get('description', ''))}</p>"
    required = schema.get("required", ())
    rows = [
        (field, inner, inner.get("description", ""), field in required)
        for field, inner in schema.get("properties", {}).items()
    ]
    yield from _table("Field", rows)
    yield "</article>"


def _table(head: str, rows: list[tuple[str, Schema, str, bool]]) -> Iterator[str]:
    yield f"<table><thead><tr><th>{head}</th><th>Type</th><th>Meaning</th></tr></thead><tbody>"
    for name, schema, description, required in rows:
        optional = "" if required else f" <i>{_default(schema)}</i>"
        yield (
            f"<tr><td><code>{escape(name)}</code></td><td>{_type(schema)}{optional}</td>"
            f"<td>{_text(description)}</td></tr>"
        )
    yield "</tbody></table>"


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "optional" if default in (None, "", [], {}) else f"= {escape(str(default))}"


def _content(part: Schema) -> str:
    content = part.get("content", {})
    return ", ".join(_type(inner["schema"]) if "schema" in inner else escape(kind) for kind, inner in content.items())


def _type(schema: Schema) -> str:
    """Return a type as HTML: ``list of LogLine``, with a link where it has a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(REFERENCE))
        return f'<a href="#shape-{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return _list(schema)
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return escape(schema.get("type", "anything")) + _bounds(schema)


def _list(schema: Schema) -> str:
    if "prefixItems" in schema:
        return " and ".join(_type(item) for item in schema["prefixItems"])
    return f"list of {_type(schema['items'])}" if "items" in schema else "list"


def _bounds(schema: Schema) -> str:
    words = {"minimum": "≥", "exclusiveMinimum": "&gt;", "maximum": "≤", "exclusiveMaximum": "&lt;"}
    return "".join(f", {sign} {schema[word]:g}" for word, sign in words.items() if word in schema)


def _text(text: str) -> str:
    """Return text with `code` marked as such."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _anchor(name: str) -> str:
    return f"tag-{escape(name.lower().replace(' ', '-'))}"
