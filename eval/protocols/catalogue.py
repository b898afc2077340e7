"""Protocols by name, and the one that fits a set."""

from __future__ import annotations

from eval.datasets import EvalSet
from eval.errors import ProtocolError
from eval.protocols.protocol import Choice, ListCompletion, NextItem, NextItemAll, Protocol, TopN
from eval.protocols.simulation import Simulation

PROTOCOLS: dict[str, type[Protocol]] = {
    protocol.name: protocol for protocol in (NextItem, NextItemAll, TopN, ListCompletion, Choice, Simulation)
}
"""All protocols by name; of those that fit a set the first is its usual one."""


def choose_protocol(data: EvalSet, name: str | None = None) -> Protocol:
    """The protocol of a name, or the usual one of a set.

    Raises:
        ProtocolError: there is none of this name.
    """
    if name is None:
        return next(protocol for protocol in PROTOCOLS.values() if data.task in protocol.tasks)()
    if name not in PROTOCOLS:
        raise ProtocolError(f"there is no protocol {name!r}", hint=f"protocols: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]()
