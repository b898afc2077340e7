"""Serves the page: its index with a strict content security policy, its files under addresses that last.

Files are reached under ``/static/<digest of them all>/``, so browsers may keep them for ever and still get
every new version: the index, which names the digest, is always asked for anew. They are few and small, and
are read and compressed once.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request

FOLDER = Path(__file__).parent / "static"

_FIRST = "theme-first.js"
"""The one script that is no module: it runs before the first paint."""

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Media types, since the machine's own table may be wrong about them."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def mount(app: Starlette) -> None:
    """Add the page at ``/`` and its files under ``/static`` to an application.

    Args:
        app: Starlette or FastAPI; its API is expected under ``/v1``.
    """
    paths = (path for path in FOLDER.rglob("*") if path.suffix in _TYPES)
    files = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}
    digest = _digest(files)
    index = _index(f"/static/{digest}", files).encode()
    tag = f'"{hashlib.sha256(index).hexdigest()[:16]}"'
    headers = {**_HEADERS, "ETag": tag, "Cache-Control": "no-cache"}

    async def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(index, media_type="text/html", headers=headers)

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            raise HTTPException(404)
        kept = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        content = files[name]
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, kept["Content-Encoding"] = packed[name], "gzip"
        return Response(content, media_type=_TYPES[Path(name).suffix], headers=kept)

    methods = ["GET", "HEAD"]
    app.add_route("/", page, methods=methods, include_in_schema=False)
    app.add_route(f"/static/{digest}/{{name:path}}", file, methods=methods, include_in_schema=False)


def _index(base: str, names: Iterable[str]) -> str:
    """The page with the address of its files, all modules named at once so that none waits for another."""
    modules = sorted(name for name in names if name.endswith(".js") and name != _FIRST)
    preload = "\n".join(f'<link rel="modulepreload" href="/static/{name}">' for name in modules)
    text = (FOLDER.parent / "index.html").read_text(encoding="utf-8")
    return text.replace("<!-- modules -->", preload).replace("/static/", f"{base}/")


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:12]
