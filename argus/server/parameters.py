"""The parameters of a query string, or of a live query, as the Struct that a route declares for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec

from argus.server.problems import Problem

Query = TypeVar("Query", bound=msgspec.Struct)
Params = Mapping[str, Sequence[str]]

PLACE = re.compile(r" - at `\$\.?(\w*).*`$")
MISSING = re.compile(r"missing required field `(\w+)`")


class Nothing(msgspec.Struct):
    """A query without parameters."""


def read(kind: type[Query], params: Params) -> Query:
    """Return the parameters. Raises ``Problem`` naming the one that is unknown, missing, repeated or wrong."""
    repeating = _repeating(kind)
    values: dict[str, Any] = {}
    for name, texts in params.items():
        if name not in repeating:
            known = ", ".join(sorted(repeating)) or "none"
            raise Problem("bad_request", f"unknown parameter {name!r}; there are: {known}", name)
        if repeating[name]:
            values[name] = list(texts)
        elif len(texts) == 1:
            values[name] = texts[0]
        else:
            raise Problem("bad_request", f"{name} may be given once, got it {len(texts)} times", name)
    try:
        query = msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), values) from error
    for name, value in values.items():
        if getattr(query, name) is None:  # msgspec takes the word null for one; here it is a wrong number
            raise Problem("bad_request", f"{name} is {value!r}: leave it out instead", name)
    return query


def _wrong(message: str, values: Mapping[str, Any]) -> Problem:
    missing = MISSING.search(message)
    if missing:
        return Problem("bad_request", f"{missing[1]} is missing", missing[1])
    place = PLACE.search(message)
    name = place[1] if place else ""
    return Problem("bad_request", f"{name} is {values.get(name)!r}: {PLACE.sub('', message)}", name)


@cache
def _repeating(kind: type[msgspec.Struct]) -> Mapping[str, bool]:
    """Return for each parameter whether it may be given more than once."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return {field.encode_name: _is_list(field.type) for field in info.fields}


def _is_list(info: msgspec.inspect.Type) -> bool:
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return isinstance(info, msgspec.inspect.ListType | msgspec.inspect.VarTupleType)


def of_live_query(fields: Mapping[str, Any]) -> Params:
    """Return the fields of a live query as the parameters of a GET request. Raises ``Problem``."""
    params: dict[str, Sequence[str]] = {}
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, (str, int, float)) for item in values):
            raise Problem("bad_request", f"{name} must be text, a number, or a list of them", name)
        params[name] = [str(item) for item in values]
    return params
