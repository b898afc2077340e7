"""Runs the application until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from agent.errors import SettingsError
from agent.serve.api.settings import ApiSettings

_SPARE = 5.0
"""Seconds, on top of those of streams, until what still runs is given up."""


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            self._ready(sockets[0].getsockname()[1])


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections; a port of 0 is any that is free.

    Raises:
        SettingsError: the address is not there, or somebody else has it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise SettingsError(
            f"cannot listen: {(error.strerror or str(error)).lower()}",
            where=f"{host}:{port}",
            hint="take another --port, or --port 0 for any that is free",
        ) from None
    return taken


def run(app: FastAPI, taken: socket.socket, settings: ApiSettings, ready: Callable[[int], None]) -> None:
    """Answer requests until SIGINT or SIGTERM.

    What runs then is finished, for as long as the settings say; nothing new is taken.

    Args:
        app: What answers.
        taken: As :func:`listen` made it.
        settings: Of the API.
        ready: Told the port once requests are taken.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.drain + _SPARE),
        timeout_keep_alive=30,
    )
    _Server(config, ready).run(sockets=[taken])
