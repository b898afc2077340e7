"""From candidates to a list: what is allowed, what the language model thinks, what is diverse."""

from agent.ranking.diversity import diversify
from agent.ranking.filters import Filters
from agent.ranking.lm_score import PmiScorer
from agent.ranking.log_linear import Choice, LogLinearRanker, fit_log_linear
from agent.ranking.newcomers import give_places
from agent.ranking.pool import features, pool
from agent.ranking.preference import PreferenceScorer
from agent.ranking.rank import combine

__all__ = [
    "Choice",
    "Filters",
    "LogLinearRanker",
    "PmiScorer",
    "PreferenceScorer",
    "combine",
    "diversify",
    "features",
    "fit_log_linear",
    "give_places",
    "pool",
]
