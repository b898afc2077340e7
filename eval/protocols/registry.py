"""Protocols by name."""

from __future__ import annotations

from eval.protocols.grounding import TitleGrounding
from eval.protocols.protocol import Choice, ListCompletion, NextItem, NextItemAll, Protocol, TopN
from eval.protocols.simulation import Simulation
from eval.protocols.utterances import UtteranceUnderstanding

PROTOCOLS: dict[str, type[Protocol]] = {
    protocol.name: protocol
    for protocol in (
        NextItem,
        NextItemAll,
        TopN,
        ListCompletion,
        Choice,
        TitleGrounding,
        UtteranceUnderstanding,
        Simulation,
    )
}
"""All protocols by name; of those that fit a set the first is its usual one."""
