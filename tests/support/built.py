"""Builds what several stages run, once and before they run side by side: libargus and the terrain program."""

from __future__ import annotations

import libargus

from examples.terrain import build as terrain

if __name__ == "__main__":
    libargus.build("all")
    terrain.build()
