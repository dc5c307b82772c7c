"""The import hook: who is waited for is told once executed, however it is imported; nothing else is touched."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from argus.instrument.hook import Hook


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    sys.meta_path.remove(made)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a package that can be imported, and is forgotten after the test."""
    name = "argus_test_library"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("seen_loader = __loader__\nvalue = 1\n")
    (folder / "data.txt").write_text("data")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for loaded in [other for other in sys.modules if other.partition(".")[0] == name]:
        del sys.modules[loaded]


@pytest.fixture
def told(hook: Hook, module: str) -> list[int]:
    """The values that the module had when the callback was called."""
    values: list[int] = []
    hook.when_imported(module, lambda library: values.append(library.value))
    return values


def test_the_callback_comes_after_the_execution_and_once(module, told) -> None:
    assert told == []
    importlib.import_module(module)
    importlib.import_module(module)
    assert told == [1]


@pytest.mark.usefixtures("told")
def test_the_module_and_its_tools_see_the_real_loader(module) -> None:
    library = importlib.import_module(module)
    assert library.__spec__ is not None
    assert {type(library.seen_loader), type(library.__loader__), type(library.__spec__.loader)} == {SourceFileLoader}
    assert (importlib.resources.files(module) / "data.txt").read_text() == "data"


def test_a_spec_that_is_only_looked_up_answers_as_the_real_one(module, told) -> None:
    spec: Any = importlib.util.find_spec(module)
    assert spec.loader.get_filename(module).endswith("__init__.py")
    assert spec.loader.get_source(module).startswith("seen_loader")
    assert told == []


def test_a_reloaded_module_is_told_again(module, told) -> None:
    importlib.reload(importlib.import_module(module))
    assert told == [1, 1]


def test_what_is_imported_already_is_told_at_once(hook, module) -> None:
    library = importlib.import_module(module)
    told: list[ModuleType] = []
    hook.when_imported(module, told.append)
    assert told == [library]


@pytest.mark.parametrize("order", ["found, then made lazy", "made lazy by the finder"])
def test_a_lazy_module_is_told_when_it_is_used(hook, module, told, monkeypatch, order) -> None:
    if order == "found, then made lazy":
        spec: Any = importlib.util.find_spec(module)
        spec.loader = importlib.util.LazyLoader(spec.loader)
        library = importlib.util.module_from_spec(spec)
        sys.modules[module] = library
        spec.loader.exec_module(library)
    else:
        monkeypatch.setattr(sys, "meta_path", [hook, LazyFinder(), *sys.meta_path[1:]])
        library = importlib.import_module(module)
    assert told == []
    assert library.value == 1
    assert told == [1]


class LazyFinder:
    """Makes whatever it finds lazy."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


def test_a_folder_of_that_name_is_not_the_library(hook, tmp_path, monkeypatch) -> None:
    (tmp_path / "argus_test_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    told: list[ModuleType] = []
    hook.when_imported("argus_test_folder", told.append)
    assert importlib.import_module("argus_test_folder").__path__
    assert told == []


def test_a_module_that_is_not_there_and_one_that_fails_raise_as_ever(hook, module, tmp_path) -> None:
    told: list[ModuleType] = []
    hook.when_imported("argus_test_nothing", told.append)
    with pytest.raises(ModuleNotFoundError, match="argus_test_nothing"):
        importlib.import_module("argus_test_nothing")
    (tmp_path / module / "broken.py").write_text("1 / 0")
    hook.when_imported(f"{module}.broken", told.append)
    with pytest.raises(ZeroDivisionError):
        importlib.import_module(f"{module}.broken")
    assert told == []
    assert f"{module}.broken" not in sys.modules


def test_a_finder_that_asks_all_finders_does_not_go_round_in_circles(hook, module, told, monkeypatch) -> None:
    class Asking:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
            others = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
            return next((spec for spec in others if spec is not None), None)

    monkeypatch.setattr(sys, "meta_path", [hook, Asking(), *sys.meta_path[1:]])
    assert importlib.import_module(module).value == 1
    assert told == [1]


def test_threads_that_import_at_the_same_time_all_find_it_told(hook, module) -> None:
    def patch(library: Any) -> None:
        everyone.wait(10)  # the others are at their import by now
        library.value = 2

    everyone = threading.Barrier(4)
    hook.when_imported(module, patch)
    values: list[int] = []

    def use(waits: bool) -> None:
        if waits:
            everyone.wait(10)
        values.append(importlib.import_module(module).value)

    threads = [threading.Thread(target=use, args=(number > 0,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert values == [2, 2, 2, 2]


def test_a_callback_that_raises_is_logged_and_does_not_fail_the_import(module, caplog) -> None:
    from argus import instrument  # noqa: PLC0415  # its own hook, not the one of this file's tests

    callback: Callable[[Any], None] = lambda library: library.missing  # noqa: E731  # raises
    instrument.when_imported(module, callback)
    assert importlib.import_module(module).value == 1
    assert f"the import of {module} failed" in caplog.text
