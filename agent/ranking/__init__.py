"""From candidates to a list: what is allowed, what the language model thinks, what is diverse."""

from agent.ranking.diversity import diversify
from agent.ranking.filters import Filters
from agent.ranking.lm_score import PmiScorer, standardise
from agent.ranking.rank import combine

__all__ = ["Filters", "PmiScorer", "combine", "diversify", "standardise"]
