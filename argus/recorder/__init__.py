"""The flight recorder: what a process had recorded and not delivered outlives its death (``docs/flight-recorder.md``).

With ``flight_recorder`` on, the cells and the waiting log lines lie in a file that is mapped into memory. When the
process is killed, whoever comes next turns that file into the batches that the process would have made, and delivers
them: the next client of the application on this host does so by itself, and ``argus run`` after its program's end.
"""

from __future__ import annotations

from argus.recorder.place import default_folder
from argus.recorder.recover import Recovered, recover

__all__ = ["Recovered", "default_folder", "recover"]
