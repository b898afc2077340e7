"""groundrec: a generative, prompt-based recommender agent grounded in your own catalog.

The public names are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
import logging
import os
from typing import TYPE_CHECKING, Any

# OpenMP threads that spin while they wait make torch tens of times slower as soon as anything else
# runs on the machine. It reads this when torch is loaded, so it must be set before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Prompts are of all lengths, and oneDNN keeps a compiled kernel with its buffers for each of the last 1,024
# shapes: hundreds of megabytes in a long conversation.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
# It warns about an optional kernel package when peft or transformers import it, and once a layer about casts.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)

if TYPE_CHECKING:
    from agent.catalog import Catalog, Interaction, Item
    from agent.context import UserContext
    from agent.recommender import Recommender
    from agent.session import Session
    from agent.settings import Strategy

__version__ = "0.1.0"

_HOMES = {
    "Catalog": "agent.catalog",
    "Interaction": "agent.catalog",
    "Item": "agent.catalog",
    "Recommender": "agent.recommender",
    "Session": "agent.session",
    "Strategy": "agent.settings",
    "UserContext": "agent.context",
}

__all__ = ["Catalog", "Interaction", "Item", "Recommender", "Session", "Strategy", "UserContext"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'agent' has no attribute {name!r}")
