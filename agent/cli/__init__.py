"""The command line: thin commands over the library."""

from agent.cli.app import app, main

__all__ = ["app", "main"]
