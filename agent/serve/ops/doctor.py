"""What is wrong with an installation, and what mends it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from agent.errors import GroundrecError
from agent.settings import Settings

Health = Literal["ok", "warning", "wrong"]

_OLDEST = (3, 11)
_GIB = 1 << 30
_ROOM = 2
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing does.

    Attributes:
        name: What was looked at.
        health: ``wrong`` where groundrec cannot work with it as it is set.
        words: What was found.
        mend: A command or setting that mends it.
    """

    name: str
    health: Health
    words: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """What is looked at.

    Attributes:
        settings: Of the installation.
        catalog: As ``--catalog`` takes it.
        store: Address of the store.
        pseudonym_key: Of the store.
        host: Where the service is to listen.
        port: Likewise.
    """

    settings: Settings
    catalog: str
    store: str
    pseudonym_key: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000


def examine(installation: Installation) -> Iterator[Finding]:
    """Look at one thing after the other; nothing is changed, but files that are missing may be made."""
    for name, look in _LOOKS.items():
        try:
            yield from look(installation)
        except GroundrecError as error:
            yield Finding(
                name, "wrong", error.what if not error.where else f"{error.where}: {error.what}", error.hint
            )
        except Exception as error:
            yield Finding(name, "wrong", f"{type(error).__name__}: {error}")


def _python(installation: Installation) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST:
        yield Finding("Python", "wrong", found, f"use Python {'.'.join(map(str, _OLDEST))} or newer")
    else:
        yield Finding("Python", "ok", found)


def _packages(installation: Installation) -> Iterator[Finding]:
    from packaging.requirements import Requirement

    missing, other = [], []
    for line in requires("groundrec") or ():
        wanted = Requirement(line)
        if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in ("", "serve")):
            continue
        try:
            if not wanted.specifier.contains(found := version(wanted.name), prereleases=True):
                other.append(f"{wanted.name} {found} (wanted: {wanted.specifier})")
        except PackageNotFoundError:
            missing.append(wanted.name)
    if missing:
        yield Finding(
            "packages", "wrong", f"not installed: {', '.join(missing)}", "pip install 'groundrec[serve]'"
        )
    if other:
        yield Finding("packages", "warning", "; ".join(other), "pip install --upgrade 'groundrec[serve]'")
    if not (missing or other):
        yield Finding("packages", "ok", "all that the service needs")


def _cache(installation: Installation) -> Iterator[Finding]:
    folder = installation.settings.cache_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        words = f"{folder}: {(error.strerror or str(error)).lower()}"
        yield Finding("cache", "wrong", words, "set GROUNDREC_CACHE_DIR to a folder that can be written")
    else:
        yield Finding("cache", "ok", str(folder))


def _disk(installation: Installation) -> Iterator[Finding]:
    folder = _nearest(installation.settings.cache_dir)
    free = shutil.disk_usage(folder).free / _GIB
    words = f"{free:.1f} GiB free at {folder}"
    if free < _ROOM:
        yield Finding("disk", "warning", words, "make room, or set GROUNDREC_CACHE_DIR to another disk")
    else:
        yield Finding("disk", "ok", words)


def _model(installation: Installation) -> Iterator[Finding]:
    from agent.lm import bundled, load_model
    from agent.lm.converted import converted_folder
    from prompts import Message

    settings = installation.settings
    if settings.model == "none":
        yield Finding("model", "ok", "none: lists come from retrieval alone")
        return
    if settings.base_url or "://" in settings.model:
        engine = load_model(
            settings.model, settings=settings.model_copy(update={"retries": 0, "timeout": _SECONDS})
        )
        next(iter(engine.stream([Message("user", "Hello")])), None)
        yield Finding("model", "ok", engine.name)
        return
    if settings.model not in ("auto", bundled.NAME):
        yield Finding("model", "ok", f"{settings.model} (it is found or fetched when it is first needed)")
        return
    if converted_folder(bundled.bundled_gguf(), settings).is_dir():
        yield Finding("model", "ok", bundled.NAME)
    else:
        yield Finding(
            "model",
            "warning",
            f"{bundled.NAME} is not unpacked yet; the first start takes 30 s longer",
            "groundrec setup",
        )


def _embedder(installation: Installation) -> Iterator[Finding]:
    from agent.grounding import load_embedder

    embedder = load_embedder(installation.settings.embedder, settings=installation.settings)
    vector = embedder.encode(["a film about friendship"])
    yield Finding("embedder", "ok", f"{embedder.name}, {vector.shape[1]} dimensions")


def _catalog(installation: Installation) -> Iterator[Finding]:
    from agent.catalog import Catalog

    catalog = Catalog.load(installation.catalog)
    if not len(catalog):
        yield Finding(
            "catalog",
            "wrong",
            f"{catalog.name} has no items",
            f"groundrec catalog check {installation.catalog}",
        )
    else:
        yield Finding("catalog", "ok", f"{catalog.name}, {len(catalog):,} items")


def _store(installation: Installation) -> Iterator[Finding]:
    from agent.store import Store, migrate

    store = Store.open(installation.store, pseudonym_key=installation.pseudonym_key, upgrade=False)
    try:
        if not store.exists:
            yield Finding("store", "ok", f"{store.address} is made when it is first needed")
            return
        found, wanted = migrate.check(store)
        kept = store.keys() if found == wanted else []
    finally:
        store.close()
    if found != wanted:
        yield Finding(
            "store",
            "wrong",
            f"{store.address} is of version {found}, not {wanted}",
            "groundrec store upgrade",
        )
        return
    yield Finding(
        "store", "ok", f"{store.address}, version {found}, good keys: {sum(not key.revoked for key in kept)}"
    )


def _vectors(installation: Installation) -> Iterator[Finding]:
    import numpy as np

    from agent.grounding.index import open_index

    name = installation.settings.vectors
    address = urlsplit(name)
    if address.hostname:
        socket.create_connection(
            (address.hostname, address.port or _PORTS.get(address.scheme, 0)), _SECONDS
        ).close()
    open_index(np.eye(2, dtype=np.float32), installation.settings)
    yield Finding("vectors", "ok", f"{address.scheme}://{address.hostname}" if address.hostname else name)


def _port(installation: Installation) -> Iterator[Finding]:
    from agent.serve.ops.running import listen

    listen(installation.host, installation.port).close()
    yield Finding("port", "ok", f"{installation.host}:{installation.port} is free")


_PORTS = {"milvus": 19530, "postgresql": 5432, "postgres": 5432}
_LOOKS: dict[str, Callable[[Installation], Iterator[Finding]]] = {
    "Python": _python,
    "packages": _packages,
    "cache": _cache,
    "disk": _disk,
    "model": _model,
    "embedder": _embedder,
    "catalog": _catalog,
    "store": _store,
    "vectors": _vectors,
    "port": _port,
}


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    while not folder.exists() and folder.parent != folder:
        folder = folder.parent
    return folder if os.access(folder, os.F_OK) else Path.home()
