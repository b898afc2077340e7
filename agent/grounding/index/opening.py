"""The vector index that a setting names."""

from __future__ import annotations

import numpy as np

from agent.errors import SettingsError
from agent.grounding.index.base import VectorIndex
from agent.grounding.index.exact import NumpyIndex
from agent.grounding.index.hnsw import FaissIndex
from agent.grounding.index.milvus import MilvusIndex
from agent.grounding.index.postgres import PostgresIndex
from agent.settings import Settings


def open_index(vectors: np.ndarray, settings: Settings) -> VectorIndex:
    """An index over vectors, by the engine that ``settings.vectors`` names.

    Args:
        vectors: Unit vectors, float32, shape (n, d).
        settings: ``numpy``; ``faiss``; ``milvus://host:port``; ``postgresql://...``. Servers are connected
            when they are first asked, and hold what they are given under a name made from its content.

    Raises:
        SettingsError: there is no such engine, or its address is not complete.
        ModelError: faiss is not installed.
    """
    name = settings.vectors
    scheme = name.split("://")[0].split("+")[0]
    if name == "numpy":
        return NumpyIndex(vectors)
    if name == "faiss":
        return FaissIndex(vectors, folder=settings.cache_dir / "indexes")
    if scheme == "milvus":
        return MilvusIndex(vectors, name, timeout=settings.vectors_timeout)
    if scheme in ("postgresql", "postgres"):
        return PostgresIndex(vectors, name, timeout=settings.vectors_timeout)
    raise SettingsError(
        f"unknown vector engine {name!r}",
        where="GROUNDREC_VECTORS",
        hint="use numpy, faiss, milvus://host:port or postgresql://user@host/database",
    )
