"""Wire format v1, both directions: the one place that knows the JSON.

``encode`` is the SDK's side (ujson), ``decode`` the server's (msgspec, one typed pass).
The format is described in ``docs/wire-format.md``.
"""
