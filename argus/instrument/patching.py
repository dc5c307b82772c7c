"""Replacing functions of a library: all that a patch needs, or nothing; once; and taken back again.

A replacement keeps the name, the signature, ``__wrapped__`` and the kind of what it replaces: a coroutine function
stays one. Whether a library is one that a patch knows is decided by what the patch needs of it, not by its version
number: the functions and the names of their first parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

MARK = "__argus_original__"
"""Attribute of a replacement: what it stands for."""

MISSING = object()


class UnknownVersionError(Exception):
    """The library is not as the patch knows it; the message says what is different."""


class _Step(NamedTuple):
    do: Callable[[], object]
    undo: Callable[[], object]


class Patch:
    """What one patch replaces. Nothing is touched before :meth:`apply`."""

    def __init__(self) -> None:
        self._planned: list[_Step] = []
        self._done: list[_Step] = []

    def wrap(self, owner: Any, name: str, make: Callable[[Any], Callable[..., Any]], *parameters: str) -> None:
        """Plan to put ``make(original)`` in the place of a function of a class or module.

        ``parameters`` are the first ones that it must have, in this order, and all of them if what is made does not
        pass on more. Raises :class:`UnknownVersionError` where there is no such function. One that is replaced already
        stays as it is.
        """
        original = getattr(owner, name, None)
        if hasattr(original, MARK):
            return
        if not callable(original):
            raise UnknownVersionError(f"{_path(owner)} has no function {name}")
        import inspect  # noqa: PLC0415  # costs milliseconds, which only a program with such a library pays

        made = make(original)
        found = tuple(inspect.signature(original).parameters)
        passes_on_more = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(made).parameters.values())
        if (found[: len(parameters)] if passes_on_more else found) != parameters:
            raise UnknownVersionError(f"{_path(owner)}.{name} has the parameters {found}, not {parameters}")
        replacement = functools.wraps(original)(made)
        if _kind(replacement) != _kind(original):
            raise UnknownVersionError(f"{_path(owner)}.{name} is {_kind(original)}, not {_kind(replacement)}")
        self.replace(owner, name, replacement)

    def replace(self, owner: Any, name: str, replacement: Any) -> None:
        """Plan to put this in the place of an attribute of a class or module."""
        if not hasattr(owner, name):
            raise UnknownVersionError(f"{_path(owner)} has no {name}")
        own = vars(owner).get(name, MISSING)  # a class may have inherited it
        setattr(replacement, MARK, getattr(owner, name))

        def undo() -> None:
            if vars(owner).get(name) is not replacement:  # somebody else has put something in its place since
                return
            if own is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, own)

        self.step(lambda: setattr(owner, name, replacement), undo)

    def step(self, do: Callable[[], object], undo: Callable[[], object]) -> None:
        """Plan something else."""
        self._planned.append(_Step(do, undo))

    def apply(self) -> None:
        """Do what was planned."""
        while self._planned:
            step = self._planned.pop(0)
            step.do()
            self._done.append(step)

    def remove(self) -> None:
        """Undo what was done."""
        while self._done:
            self._done.pop().undo()


def _path(owner: Any) -> str:
    return f"{owner.__module__}.{owner.__qualname__}" if isinstance(owner, type) else str(owner.__name__)


def _kind(function: Any) -> str:
    import inspect  # noqa: PLC0415  # see above

    if inspect.iscoroutinefunction(function):
        return "a coroutine function"
    return "a generator function" if inspect.isgeneratorfunction(function) else "a function"
