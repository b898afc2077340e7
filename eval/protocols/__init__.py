"""Protocols: what is asked of a system, and how its answers become rows to be measured."""

from eval.protocols.answers import (
    Answer,
    Conversation,
    Conversational,
    Outcome,
    System,
    constrained_titles,
    grounded_titles,
)
from eval.protocols.grounding import GrounderSystem, Grounds, TitleGrounding
from eval.protocols.protocol import (
    Choice,
    ListCompletion,
    NextItem,
    NextItemAll,
    Protocol,
    TopN,
    ask,
    run,
)
from eval.protocols.recommender import RecommenderSystem, options_constraint
from eval.protocols.registry import PROTOCOLS
from eval.protocols.simulated_user import SILENT, Manner, Reaction, SimulatedUser
from eval.protocols.simulation import Simulation
from eval.protocols.utterances import Understands, UtteranceUnderstanding

__all__ = [
    "PROTOCOLS",
    "SILENT",
    "Answer",
    "Choice",
    "Conversation",
    "Conversational",
    "GrounderSystem",
    "Grounds",
    "ListCompletion",
    "Manner",
    "NextItem",
    "NextItemAll",
    "Outcome",
    "Protocol",
    "Reaction",
    "RecommenderSystem",
    "SimulatedUser",
    "Simulation",
    "System",
    "TitleGrounding",
    "TopN",
    "Understands",
    "UtteranceUnderstanding",
    "ask",
    "constrained_titles",
    "grounded_titles",
    "options_constraint",
    "run",
]
