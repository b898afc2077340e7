"""Settings of the service."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent.errors import SettingsError


class ServiceSettings(BaseSettings):
    """What holds for a running service; each is also an environment variable ``GROUNDREC_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="GROUNDREC_", extra="forbid", frozen=True)

    store: str = Field(
        default_factory=lambda: f"sqlite:///{Path(platformdirs.user_data_dir('groundrec')) / 'groundrec.db'}",
        description="Address of the store: sqlite:///FILE, a path, or postgresql://USER@HOST/DATABASE.",
        repr=False,
    )
    pseudonym_key: SecretStr | None = Field(
        None, description="With it, the store knows users only by the HMAC-SHA256 of their ids."
    )
    retention_days: float | None = Field(
        None, gt=0, description="Sessions, events and memory older than this are deleted; None: never."
    )
    longest_text: int = Field(20_000, ge=1, description="Characters of one utterance.")
    longest_trace: int = Field(65_536, ge=0, description="Bytes of a turn's trace that are kept.")
    history: int = Field(
        200, ge=0, description="Likes, dislikes and purchases, the newest, that a session begins with."
    )
    at_once: int = Field(
        1, ge=1, description="Turns worked on at once: 1 for a model in this process, more for a server's."
    )
    cached_sessions: int = Field(1_000, ge=0, description="Sessions whose state is kept in memory.")


@cache
def service_settings() -> ServiceSettings:
    """The settings of this process, read once from the environment.

    Raises:
        SettingsError: a value is not allowed.
    """
    try:
        return ServiceSettings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{name}: {first['msg'].lower()}", where="environment (GROUNDREC_*)") from None
