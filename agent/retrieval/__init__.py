"""Candidate sources and their fusion."""

from agent.retrieval.by_interest import retrieve
from agent.retrieval.fusion import FEW, Fused, reciprocal_rank_fusion, score_fusion, standardise
from agent.retrieval.history import HISTORY_SOURCES, HistoryModels, HistoryOptions
from agent.retrieval.memory import ConversationMemory
from agent.retrieval.neighbours import CoMentionSource, NeighbourSource, memory_sources
from agent.retrieval.query import Query, build_query
from agent.retrieval.scored import CandidateSource, ScoredSource
from agent.retrieval.sources import (
    CategorySource,
    EmbeddingSource,
    LexicalSource,
    PopularitySource,
    ProfileSource,
    SimilarSource,
    default_sources,
)

__all__ = [
    "FEW",
    "HISTORY_SOURCES",
    "CandidateSource",
    "CategorySource",
    "CoMentionSource",
    "ConversationMemory",
    "EmbeddingSource",
    "Fused",
    "HistoryModels",
    "HistoryOptions",
    "LexicalSource",
    "NeighbourSource",
    "PopularitySource",
    "ProfileSource",
    "Query",
    "ScoredSource",
    "SimilarSource",
    "build_query",
    "default_sources",
    "memory_sources",
    "reciprocal_rank_fusion",
    "retrieve",
    "score_fusion",
    "standardise",
]
