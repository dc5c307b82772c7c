"""``argus run``: the parent of a program that knows nothing of Argus.

``parent.py`` ties it together: the program is started (``launch.py``) with its streams led through the parent
(``wiring.py``, ``pump.py``, ``terminal.py``), the parent passes on its signals and ends as the program ended
(``relay.py``), and meanwhile tells a server what can be seen from outside: the process tree (``tree.py``), the lines it
prints (``lines.py``, ``entries.py``, ``levels.py``), its start and its end (``ending.py``).

Whatever fails in here, the program runs on: one line on the standard error says so.
"""
