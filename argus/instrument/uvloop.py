"""uvloop: its loops leave no Python frame by which ``runtime.loop_lag`` would find them, so each new one is told."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder


def patch(uvloop: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Have every new loop watched."""

    def make_init(original: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            recorder.client.watch_loop(self)

        return init

    patch.wrap(uvloop.Loop, "__init__", make_init, "self")
