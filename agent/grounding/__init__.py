"""From generated text to items: parsing titles, grounding them in a catalog, embeddings, vector search."""

from agent.grounding.embedder import CachedEmbedder, Embedder, SentenceEmbedder, load_embedder
from agent.grounding.embeddings import embed_catalog
from agent.grounding.index import FaissIndex, NumpyIndex, VectorIndex
from agent.grounding.parse import ParsedTitle, parse_titles

__all__ = [
    "CachedEmbedder",
    "Embedder",
    "FaissIndex",
    "NumpyIndex",
    "ParsedTitle",
    "SentenceEmbedder",
    "VectorIndex",
    "embed_catalog",
    "load_embedder",
    "parse_titles",
]
