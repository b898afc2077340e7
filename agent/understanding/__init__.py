"""From an utterance to intents, item mentions with attitude, constraints and critiques."""

from agent.understanding.lm import LmUnderstander
from agent.understanding.phrases import PhraseReader
from agent.understanding.rules import RuleUnderstander
from agent.understanding.turn import Critique, Intent, Mention, Understanding

__all__ = [
    "Critique",
    "Intent",
    "LmUnderstander",
    "Mention",
    "PhraseReader",
    "RuleUnderstander",
    "Understanding",
]
