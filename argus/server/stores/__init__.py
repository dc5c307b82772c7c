"""Stores: ``base.py`` is the contract, every other module one backend."""
