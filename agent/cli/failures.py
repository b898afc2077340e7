"""From exceptions to one line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from agent.cli.terminal import notice, one_line, quiet
from agent.errors import GroundrecError
from prompts.errors import PromptError

FAILED, USAGE, UNEXPECTED, INTERRUPTED = 1, 2, 70, 130

# Typer does not export the bases of its usage errors, and takes them from click or from a copy of it.
_UsageError: Any = typer.BadParameter.__base__
_DEBUG = "--debug"


class CommandLine(TyperGroup):
    """The root command: ``--debug`` works anywhere on the line; without it no failure shows a traceback."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run the command line and leave with its exit code."""
        words, debug = without_debug(sys.argv[1:] if args is None else args)
        if not debug:
            quiet()
        extra |= {"prog_name": "groundrec", "standalone_mode": False}
        code = run(lambda: super(CommandLine, self).main(words, **extra), debug)
        if standalone_mode:
            sys.exit(code)
        return code


def without_debug(words: Sequence[str]) -> tuple[list[str], bool]:
    """The words of a command line without ``--debug``, and whether it was there; after ``--`` it is text."""
    end = words.index("--") if "--" in words else len(words)
    return [w for at, w in enumerate(words) if w != _DEBUG or at > end], _DEBUG in words[:end]


def run(command: Callable[[], Any], debug: bool = False) -> int:
    """Run a command; its failure becomes a line on stderr, and the exit code is returned."""
    try:
        returned = command()
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _leave_pipe()
    except Exception as error:
        if debug:
            traceback.print_exc()
        code, line = describe(error)
        if code == USAGE and (context := getattr(error, "ctx", None)):
            notice(context.get_usage())
        elif code == UNEXPECTED and not debug:
            line += f"; run with {_DEBUG} to see where"
        notice(one_line(line))
        return code
    return returned if isinstance(returned, int) else 0


def describe(error: Exception) -> tuple[int, str]:
    """The exit code of a failure, and what is said about it."""
    if isinstance(error, _UsageError):
        return USAGE, f"error: {error.format_message()}"
    if isinstance(error, (GroundrecError, PromptError)):
        return FAILED, f"error: {error}"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return FAILED, f"error: {where}{error.strerror or error}"
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return UNEXPECTED, f"unexpected error: {said}"


def _leave_pipe() -> int:
    """The reader of our output has left: nothing more can be written, not even when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
