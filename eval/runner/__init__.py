"""Runs: ask every system of a matrix every question once, keep the answers, score them."""

from eval.runner.asked import Asked, open_data
from eval.runner.floors import FLOORS
from eval.runner.generate import Watcher
from eval.runner.run import rescore, run

__all__ = ["FLOORS", "Asked", "Watcher", "open_data", "rescore", "run"]
