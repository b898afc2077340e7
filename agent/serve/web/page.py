"""Serves the page: its index with a strict content security policy, its files under addresses that last.

Files are reached under ``/static/<digest of them all>/``, so browsers may keep them for ever and still get
every new version: the index, which names the digest, is always asked for anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"

_FIRST = "theme-first.js"
"""The one script that is no module: it runs before the first paint."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _KeptFiles(StaticFiles):
    """Static files that browsers keep without asking again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def mount(app: Starlette) -> None:
    """Add the page at ``/`` and its files under ``/static`` to an application.

    Args:
        app: Starlette or FastAPI; its API is expected under ``/v1``.
    """
    digest = _digest()
    index = _index(f"/static/{digest}").encode()
    tag = f'"{hashlib.sha256(index).hexdigest()[:16]}"'
    headers = {**_HEADERS, "ETag": tag, "Cache-Control": "no-cache"}

    async def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(index, media_type="text/html", headers=headers)

    app.add_route("/", page, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount(f"/static/{digest}", _KeptFiles(directory=FOLDER), name="static")


def _index(base: str) -> str:
    """The page with the address of its files, all modules named at once so that none waits for another."""
    paths = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js"))
    modules = sorted(path for path in paths if path != _FIRST)
    preload = "\n".join(f'<link rel="modulepreload" href="/static/{name}">' for name in modules)
    text = (FOLDER.parent / "index.html").read_text(encoding="utf-8")
    return text.replace("<!-- modules -->", preload).replace("/static/", f"{base}/")


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
