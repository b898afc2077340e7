"""Settings of the HTTP API."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent.errors import SettingsError


class ApiSettings(BaseSettings):
    """What holds for the HTTP API; each is also an environment variable ``GROUNDREC_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="GROUNDREC_", extra="forbid", frozen=True)

    cors: tuple[str, ...] = Field(
        (), description="Origins whose pages may call the API from a browser, such as https://shop.example."
    )
    largest_body: int = Field(1 << 20, ge=1, description="Bytes of a request's body.")
    key_rate: int = Field(600, ge=1, description="Requests a minute of a key that has no limit of its own.")
    user_rate: int = Field(120, ge=1, description="Requests a minute of one user, where keys are in use.")
    queue: int = Field(64, ge=1, description="Requests that may wait for the recommender; more get a 503.")
    crowd: int = Field(
        8,
        ge=1,
        description="With so many waiting, or a third of the patience ahead, lists are made without the "
        "language model until there are fewer.",
    )
    patience: float = Field(30.0, gt=0, description="Seconds that a request waits before it gets a 503.")
    heartbeat: float = Field(15.0, gt=0, description="Seconds of silence in a stream before a sign of life.")
    drain: float = Field(20.0, gt=0, description="Seconds that running requests get when the server stops.")


def api_settings(**given: Any) -> ApiSettings:
    """The settings of the environment, with others for those that are given.

    Raises:
        SettingsError: a value is not allowed.
    """
    try:
        return ApiSettings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{name}: {first['msg'].lower()}", where="environment (GROUNDREC_*)") from None
