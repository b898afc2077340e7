"""Language models: the protocol, the engines, and how a model name becomes an engine."""

from agent.lm.base import (
    Generation,
    Grammar,
    LanguageModel,
    Sampling,
    Scores,
    Timing,
    TitleList,
    Usage,
)

__all__ = [
    "Generation",
    "Grammar",
    "LanguageModel",
    "Sampling",
    "Scores",
    "Timing",
    "TitleList",
    "Usage",
]
