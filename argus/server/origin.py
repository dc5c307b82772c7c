"""Whether a request comes from a page of our own: a browser sends cookies and passwords along whoever makes it ask.

Besides the cookie's ``SameSite=Strict`` this is the second lock on the door: what changes something, and every live
connection, must come from our own pages. Programs send neither of the headers that are looked at.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from argus.server import keys
from argus.server.problems import Problem

OURS = {"same-origin", "none"}
"""``none``: the person typed the address, no page asked."""


def check(request: web.Request) -> None:
    """Raise ``Problem`` where a page of another site makes the browser ask."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in _own(request):
        raise Problem("forbidden", f"a page of {origin} may not ask; is public_url right?", "Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if origin is None and site is not None and site not in OURS:
        raise Problem("forbidden", "a page of another site may not ask", "Sec-Fetch-Site")


def _own(request: web.Request) -> set[str]:
    """Return the origins that pages of ours have: the one the browser asked, and the public one."""
    own = {f"{request.scheme}://{request.host}"}
    public = urlsplit(request.app[keys.SETTINGS].public_url)
    if public.netloc:
        own |= {f"{public.scheme}://{public.netloc}"}
    return own
