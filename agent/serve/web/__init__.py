"""The web chat: a static page that talks to the HTTP API of the same origin."""

from agent.serve.web.page import mount

__all__ = ["mount"]
