"""Prompts as files: Jinja templates with front matter, rendered strictly in a sandbox."""

from prompts.message import Message

__all__ = ["Message"]
