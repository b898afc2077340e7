"""Why an item was recommended: reasons made of evidence, and the checker that refuses anything else."""

from agent.explain.check import violations
from agent.explain.evidence import collect_evidence
from agent.explain.plain import plain

__all__ = ["collect_evidence", "plain", "violations"]
