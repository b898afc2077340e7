"""From candidates to a list: what is allowed, what the language model thinks, what is diverse."""

from agent.ranking.boosted import LIBRARY_SIZE, BoostedRanker, fit_trees
from agent.ranking.diversity import diversify
from agent.ranking.explore import Placed, explore
from agent.ranking.filters import Filters
from agent.ranking.interests import Interest, find_interests, nearest_interest
from agent.ranking.lm_score import PmiScorer
from agent.ranking.log_linear import Choice, LogLinearRanker, fit_log_linear
from agent.ranking.newcomers import give_places
from agent.ranking.pool import (
    Ranker,
    candidate_features,
    feature_names,
    features,
    library_size,
    load_ranker,
    pool,
)
from agent.ranking.preference import PreferenceScorer
from agent.ranking.rank import combine
from agent.ranking.space import ItemSpace
from agent.ranking.spread import Aspects

__all__ = [
    "LIBRARY_SIZE",
    "Aspects",
    "BoostedRanker",
    "Choice",
    "Filters",
    "Interest",
    "ItemSpace",
    "LogLinearRanker",
    "Placed",
    "PmiScorer",
    "PreferenceScorer",
    "Ranker",
    "candidate_features",
    "combine",
    "diversify",
    "explore",
    "feature_names",
    "features",
    "find_interests",
    "fit_log_linear",
    "fit_trees",
    "give_places",
    "library_size",
    "load_ranker",
    "nearest_interest",
    "pool",
]
