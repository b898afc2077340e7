"""``groundrec eval``: the commands of the evaluation suite. Nothing heavy is imported before one runs."""

# The root command imports ours, so it has to come first whoever asks.
import agent.cli  # noqa: F401
from eval.cli.app import app

__all__ = ["app"]
