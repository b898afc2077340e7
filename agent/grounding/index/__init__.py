"""Nearest vectors among many: in this process, exactly or approximately, or on a server."""

from agent.grounding.index.base import VectorIndex
from agent.grounding.index.exact import NumpyIndex
from agent.grounding.index.hnsw import FaissIndex
from agent.grounding.index.milvus import MilvusIndex
from agent.grounding.index.opening import open_index
from agent.grounding.index.postgres import PostgresIndex
from agent.grounding.index.remote import RemoteIndex

__all__ = [
    "FaissIndex",
    "MilvusIndex",
    "NumpyIndex",
    "PostgresIndex",
    "RemoteIndex",
    "VectorIndex",
    "open_index",
]
