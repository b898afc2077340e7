"""Evaluation sets: questions with their right answers, and what may be learned from."""

from agent.dialogues import Spoken
from eval.datasets.export import export_folder
from eval.datasets.load import load_dataset
from eval.datasets.records import Dialogue, EvalSet, Question, Task
from eval.datasets.shipped import DATASETS, DatasetInfo

__all__ = [
    "DATASETS",
    "DatasetInfo",
    "Dialogue",
    "EvalSet",
    "Question",
    "Spoken",
    "Task",
    "export_folder",
    "load_dataset",
]
