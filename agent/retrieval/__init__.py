"""Candidate sources and their fusion."""

from agent.retrieval.fusion import Fused, reciprocal_rank_fusion
from agent.retrieval.query import Query, build_query
from agent.retrieval.sources import (
    CandidateSource,
    CategorySource,
    EmbeddingSource,
    LexicalSource,
    PopularitySource,
    SimilarSource,
    default_sources,
)

__all__ = [
    "CandidateSource",
    "CategorySource",
    "EmbeddingSource",
    "Fused",
    "LexicalSource",
    "PopularitySource",
    "Query",
    "SimilarSource",
    "build_query",
    "default_sources",
    "reciprocal_rank_fusion",
]
