"""Runs first in every Python program under ``argus run``: monitoring begins, then the program's own sitecustomize.

Any Python may come by, a 2.7 too, so this file keeps to what all of them understand. When it is done, path and modules
are what the program would have found without it.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
reason = None

# Every folder of this kind goes, that of an ``argus run`` around this one too: a program has one monitor.
sys.path[:] = [
    entry for entry in sys.path if not os.path.abspath(entry).endswith(os.path.join("argus", "bootstrap", "on_path"))
]
sys.path_importer_cache.pop(HERE, None)
this = sys.modules.pop("sitecustomize", None)  # kept by its name: Python 2 would empty it

try:
    if sys.version_info < (3, 11):
        reason = "Argus needs Python 3.11 or newer; this one, %d.%d, runs unmonitored" % sys.version_info[:2]
    else:
        from importlib.machinery import SourceFileLoader
        from types import ModuleType

        begin = ModuleType("_argus_begin")
        begin.__file__ = os.path.join(os.path.dirname(HERE), "begin.py")
        SourceFileLoader(begin.__name__, begin.__file__).exec_module(begin)
        reason = begin.begin()
except Exception as error:
    reason = "the program runs unmonitored: %s: %s" % (type(error).__name__, error)

if reason:
    try:  # a file of that name says that another program of this run has said it
        name = "said." + "".join([letter if letter.isalnum() else "-" for letter in reason])[:150]
        if os.environ.get("ARGUS_RUN_DIR"):
            os.close(os.open(os.path.join(os.environ["ARGUS_RUN_DIR"], name), os.O_CREAT | os.O_EXCL, 0o600))
        sys.stderr.write("argus: %s\n" % reason)
    except Exception:  # said already, or no place to say it
        pass

# The program's own; that there is none is an ImportError, which Python expects.
import sitecustomize  # type: ignore[import-not-found]
