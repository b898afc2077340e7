"""Language models: the protocol, the engines, and how a model name becomes an engine.

Engines bring heavy libraries, so they are imported when they are first named.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from agent.lm.base import (
    GREEDY,
    Generation,
    Grammar,
    LanguageModel,
    Sampling,
    Scores,
    Timing,
    TitleList,
    Usage,
    is_small,
)

if TYPE_CHECKING:
    from agent.lm.known import ModelRecord, list_models
    from agent.lm.listing import generate_titles
    from agent.lm.openai_engine import OpenAICompatibleModel
    from agent.lm.resolve import load_model
    from agent.lm.scripted import ScriptedModel
    from agent.lm.titles import TitleIndex
    from agent.lm.transformers_engine import TransformersModel

_LAZY = {
    "ModelRecord": "known",
    "OpenAICompatibleModel": "openai_engine",
    "ScriptedModel": "scripted",
    "TitleIndex": "titles",
    "TransformersModel": "transformers_engine",
    "generate_titles": "listing",
    "list_models": "known",
    "load_model": "resolve",
}

__all__ = [
    "GREEDY",
    "Generation",
    "Grammar",
    "LanguageModel",
    "ModelRecord",
    "OpenAICompatibleModel",
    "Sampling",
    "Scores",
    "ScriptedModel",
    "Timing",
    "TitleIndex",
    "TitleList",
    "TransformersModel",
    "Usage",
    "generate_titles",
    "is_small",
    "list_models",
    "load_model",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
