"""A knowledge graph of the catalog, its users and past dialogues, and walks on it."""

from agent.retrieval.graph.attach import column_of, with_triples
from agent.retrieval.graph.attributes import connecting_fields
from agent.retrieval.graph.co_likes import CoLikes
from agent.retrieval.graph.knowledge import KnowledgeGraph, Node
from agent.retrieval.graph.source import GraphSource, UserGraphSource
from agent.retrieval.graph.triples import Triple, load_triples
from agent.retrieval.graph.walk import degrees_of, personalised_pagerank

__all__ = [
    "CoLikes",
    "GraphSource",
    "KnowledgeGraph",
    "Node",
    "Triple",
    "UserGraphSource",
    "column_of",
    "connecting_fields",
    "degrees_of",
    "load_triples",
    "personalised_pagerank",
    "with_triples",
]
