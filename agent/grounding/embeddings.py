"""Embeddings of whole catalogs, kept on disk and brought up to date row by row."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np

from agent.catalog import Catalog
from agent.grounding.embedder import Embedder, Progress

_HASH_BYTES = 16
_KEPT = 2
_CHECKED_ROWS = 1024


def embed_catalog(
    catalog: Catalog,
    embedder: Embedder,
    cache_dir: Path,
    *,
    what: Literal["text", "title"] = "text",
    progress: Progress | None = None,
) -> np.ndarray:
    """Embed every item, or load what an earlier call has embedded.

    Rows are cached by the embedder's name and a hash of their text: when a catalog changes, only the
    changed rows are computed. Files are written beside their place and moved into it, so that processes may
    share the folder; a damaged file is made anew.

    Args:
        catalog: The items.
        embedder: Embeds them.
        cache_dir: Where caches are kept; made where it is not there.
        what: The items' whole texts (``Catalog.text``) or their titles.
        progress: Told how many missing rows are done.

    Returns:
        L2-normalised vectors in catalog order, float32, shape (len(catalog), dimension); read-only,
        mapped from the file.
    """
    texts = [catalog.text(item) if what == "text" else item.title for item in catalog]
    return embed_texts(texts, embedder, cache_dir, of=catalog.name, what=what, progress=progress)


def embed_texts(
    texts: Sequence[str],
    embedder: Embedder,
    cache_dir: Path,
    *,
    of: str,
    what: str,
    kept: int = _KEPT,
    progress: Progress | None = None,
) -> np.ndarray:
    """Embed texts, or load what an earlier call has embedded; see :func:`embed_catalog`.

    Args:
        texts: The texts.
        embedder: Embeds them.
        cache_dir: Where caches are kept.
        of: The name of the data that the texts are of.
        what: Which of its texts they are.
        kept: How many lists of texts of this name are kept, the newest; they share their rows.
        progress: Told how many missing rows are done.

    Returns:
        Unit vectors, float32, shape (len(texts), dimension).
    """
    folder = cache_dir / "embeddings" / _slug(embedder.name) / f"{_slug(of)}-{what}"
    keys = np.frombuffer(
        b"".join(
            hashlib.blake2b(t.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
            for t in texts
        ),
        dtype=f"V{_HASH_BYTES}",
    )
    name = hashlib.sha256(keys.tobytes()).hexdigest()[:16]
    vectors = _load(folder / f"{name}.npy", len(texts), embedder.dimension)
    if vectors is not None:
        return vectors
    computed = _compute(texts, keys, embedder, folder, progress)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{name}.keys.npy", keys)
    _write(folder / f"{name}.npy", computed)
    _forget_old(folder, kept)
    loaded = _load(folder / f"{name}.npy", len(texts), embedder.dimension)
    return computed if loaded is None else loaded


def _compute(
    texts: Sequence[str], keys: np.ndarray, embedder: Embedder, folder: Path, progress: Progress | None
) -> np.ndarray:
    """All vectors, taken from earlier files of the folder where a text was embedded before."""
    vectors = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    wanted: dict[bytes, list[int]] = {}
    for row, key in enumerate(keys):
        wanted.setdefault(key.tobytes(), []).append(row)
    for key_file in sorted(folder.glob("*.keys.npy")):
        old_keys = _load_keys(key_file)
        old = _load(key_file.with_name(key_file.name.replace(".keys", "")), len(old_keys), embedder.dimension)
        if old is None:
            continue
        for old_row, key in enumerate(old_keys):
            for row in wanted.pop(key.tobytes(), ()):
                vectors[row] = old[old_row]
    if wanted:
        fresh = embedder.encode([texts[rows[0]] for rows in wanted.values()], progress=progress)
        for vector, rows in zip(fresh, wanted.values(), strict=True):
            vectors[rows] = vector
    return vectors


def _load(file: Path, rows: int, dimension: int) -> np.ndarray | None:
    """The vectors of a file; None where there is none, or it is damaged."""
    try:
        vectors = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if vectors.dtype != np.float32 or vectors.shape != (rows, dimension):
        return None
    sample = vectors[:: max(1, rows // _CHECKED_ROWS)]
    return vectors if np.allclose(np.einsum("nd,nd->n", sample, sample), 1.0, atol=1e-3) else None


def _load_keys(file: Path) -> np.ndarray:
    try:
        keys = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        keys = np.empty(0)
    return (
        keys
        if keys.dtype == np.dtype(f"V{_HASH_BYTES}") and keys.ndim == 1
        else np.empty(0, f"V{_HASH_BYTES}")
    )


def _write(file: Path, array: np.ndarray) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, array, allow_pickle=False)
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _forget_old(folder: Path, kept: int) -> None:
    """Keep the newest lists of texts; a file that another process holds open may have to stay."""
    with suppress(OSError):
        states = sorted(folder.glob("*.keys.npy"), key=lambda p: p.stat().st_mtime, reverse=True)
        for key_file in states[kept:]:
            key_file.with_name(key_file.name.replace(".keys", "")).unlink(missing_ok=True)
            key_file.unlink(missing_ok=True)


def _slug(name: str) -> str:
    """A file name that is readable and differs where names differ."""
    readable = re.sub(r"[^\w.@-]+", "-", name).strip("-.")[-48:]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
