"""From generated text to items: parsing titles, grounding them in a catalog, embeddings, vector search."""

from agent.grounding.embedder import CachedEmbedder, Embedder, SentenceEmbedder, load_embedder
from agent.grounding.embeddings import embed_catalog, embed_texts
from agent.grounding.grounder import Grounder, Grounding
from agent.grounding.index import FaissIndex, NumpyIndex, RemoteIndex, VectorIndex, open_index
from agent.grounding.parse import ParsedTitle, parse_titles
from agent.grounding.surfaces import surface_forms
from agent.grounding.thresholds import Thresholds

__all__ = [
    "CachedEmbedder",
    "Embedder",
    "FaissIndex",
    "Grounder",
    "Grounding",
    "NumpyIndex",
    "ParsedTitle",
    "RemoteIndex",
    "SentenceEmbedder",
    "Thresholds",
    "VectorIndex",
    "embed_catalog",
    "embed_texts",
    "load_embedder",
    "open_index",
    "parse_titles",
    "surface_forms",
]
