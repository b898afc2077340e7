"""Why an item was recommended: reasons made of evidence, and the checker that refuses anything else."""

from agent.explain.answers import describe, why
from agent.explain.check import violations
from agent.explain.evidence import collect_evidence
from agent.explain.plain import plain
from agent.explain.spoken import SpokenWords
from agent.explain.worded import Subject, Worded, worded

__all__ = [
    "SpokenWords",
    "Subject",
    "Worded",
    "collect_evidence",
    "describe",
    "plain",
    "violations",
    "why",
    "worded",
]
