"""The decorator ``timed``: each kind of callable is timed from its call to its end.

Functions until they return, coroutines until they are done, generators and async generators until they are exhausted
or closed: the wall time of the whole iteration, with the time their consumer takes. Exceptions end the timing too.
"""

from __future__ import annotations

import functools
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, ParamSpec, TypeVar

from argus.aggregate.base import Timer

P = ParamSpec("P")
R = TypeVar("R")


def decorate(timer: Timer) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that records every call of what it decorates in ``timer``."""

    def decorator(function: Callable[P, R]) -> Callable[P, R]:
        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(decorator(function.__func__))
        return functools.wraps(function)(_timed(timer, function))

    return decorator


def _timed(timer: Timer, function: Callable[..., Any]) -> Callable[..., Any]:
    import inspect  # noqa: PLC0415  # costs milliseconds, which only programs that decorate pay

    if inspect.isasyncgenfunction(function):
        return _timed_async_generator(timer, function)
    if inspect.iscoroutinefunction(function):
        return _timed_coroutine(timer, function)
    if inspect.isgeneratorfunction(function):
        return _timed_generator(timer, function)

    def timed(*args: Any, **kwargs: Any) -> Any:
        with timer:
            return function(*args, **kwargs)

    return timed


def _timed_coroutine(timer: Timer, function: Callable[..., Any]) -> Callable[..., Any]:
    async def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return await function(*args, **kwargs)
        finally:
            timer.record(time.perf_counter() - began)

    return timed


def _timed_generator(timer: Timer, function: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        began = time.perf_counter()
        try:
            return (yield from function(*args, **kwargs))
        finally:
            timer.record(time.perf_counter() - began)

    return timed


def _timed_async_generator(timer: Timer, function: Callable[..., Any]) -> Callable[..., Any]:
    async def timed(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        began = time.perf_counter()
        generator = function(*args, **kwargs)
        try:
            step = generator.asend(None)
            while True:
                try:
                    item = await step
                except StopAsyncIteration:
                    return
                try:
                    sent = yield item
                except GeneratorExit:
                    raise
                except BaseException as error:  # noqa: BLE001  # thrown in by the consumer: the generator decides
                    step = generator.athrow(error)
                else:
                    step = generator.asend(sent)
        finally:
            await generator.aclose()
            timer.record(time.perf_counter() - began)

    return timed
