"""From candidates to a list: what is allowed, what the language model thinks, what is diverse."""

from agent.ranking.diversity import diversify
from agent.ranking.filters import Filters
from agent.ranking.lm_score import PmiScorer, standardise

__all__ = ["Filters", "PmiScorer", "diversify", "standardise"]
