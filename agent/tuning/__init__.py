"""Tuning a language model on one's own catalog, conversations and interactions (LoRA and QLoRA)."""

from agent.tuning.folder import AdapterFolder
from agent.tuning.rows import Row, RowMaker, task_weights
from agent.tuning.trainer import LoraOptions
from agent.tuning.tune import RowOptions, Tuned, tune

__all__ = ["AdapterFolder", "LoraOptions", "Row", "RowMaker", "RowOptions", "Tuned", "task_weights", "tune"]
