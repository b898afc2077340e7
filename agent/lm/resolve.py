"""From the name of a model to an engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.errors import ModelNotFoundError, UnsupportedError
from agent.lm import bundled
from agent.lm.adapters import Adapter
from agent.lm.base import LanguageModel
from agent.lm.converted import converted_folder
from agent.localisation import text
from agent.settings import Settings
from agent.settings import settings as process_settings

if TYPE_CHECKING:
    from agent.lm import weights

_ADDRESS = re.compile(r"(?:(?P<model>[^@]+)@)?(?P<url>https?://.+)")
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_PRECISIONS: tuple[Literal["bf16", "fp32", "nf4", "int8"], ...] = ("bf16", "fp32", "nf4", "int8")


def load_model(
    name: str = "auto",
    *,
    settings: Settings | None = None,
    progress: Callable[[str], None] | None = None,
) -> LanguageModel:
    """Load a language model.

    Args:
        name: One of

            - ``auto``: ``settings.gpu_model`` where there is a GPU, else the bundled SmolLM2;
            - ``smollm2-135m-instruct``, the bundled model by its name;
            - a folder, a ``.gguf`` file or the id of a model on the Hugging Face hub;

            - ``http://host:port/v1`` or ``model@http://host:port/v1``, an OpenAI-compatible server;
            - where ``settings.base_url`` is set: ``auto`` or the name of a model on that server.

            ``+FOLDER`` after it adds an adapter that ``groundrec tune`` made, in place of
            ``settings.adapter``; ``:bf16``, ``:fp32``, ``:nf4`` or ``:int8`` at the end overrides
            ``settings.quantization``.
        settings: Of the installation; None: those of the environment.
        progress: Told in a few words what takes long.

    Raises:
        ModelNotFoundError: there is no such model.
        ModelError: the model is damaged or cannot be loaded.
        AdapterError: the adapter is damaged or was made for another model.
        UnsupportedError: an adapter is wanted in the model of a server.
        ServerError: a server was asked for its models and failed.
        DeviceError: ``settings.device`` is not there.
    """
    settings = settings or process_settings()
    if server := _server(name, settings):
        return server

    from agent.lm import weights

    base, folder = _with_adapter(name, settings)
    adapter = None if folder is None else Adapter.open(folder)
    found = locate(base, settings=settings, progress=progress)
    return weights.load_folder(found.folder, found.name, found.precision, found.device, adapter)


@dataclass(frozen=True, slots=True)
class Located:
    """Where the weights of a model are, what it is called, and how it is to be held."""

    folder: Path
    name: str
    precision: weights.Precision
    device: Literal["cpu", "cuda"]


def locate(name: str, *, settings: Settings, progress: Callable[[str], None] | None = None) -> Located:
    """Find a model that runs in this process; it is downloaded or converted where it is not here yet.

    Raises as :func:`load_model`.
    """
    from agent.lm import weights

    tell = progress or (lambda message: None)
    name, precision = _split(name, settings)
    device = weights.pick_device(settings.device)
    if name == "auto":
        name = settings.gpu_model if device == "cuda" else bundled.NAME
    path = Path(name).expanduser()
    if name.lower() == bundled.NAME:
        name, path = bundled.NAME, bundled.bundled_gguf()
    if path.suffix.lower() == ".gguf":
        folder = converted_folder(path, settings)
        if not folder.is_dir():
            tell(text("lm.converting", settings.locale, name=path.name))
            weights.convert_gguf(path, folder)
        name = name if name == bundled.NAME else path.stem
        path = folder
    elif path.is_dir():
        name = path.resolve().name
    elif _HUB_ID.fullmatch(name) and not name.startswith("."):
        tell(text("lm.downloading", settings.locale, name=name))
        path = weights.download(name)
    else:
        raise ModelNotFoundError("there is no such model folder", where=name)
    tell(text("lm.loading", settings.locale, name=name))
    return Located(path, name, precision, device)


def _with_adapter(name: str, settings: Settings) -> tuple[str, Path | None]:
    """A model name without its adapter, and the adapter's folder."""
    whole, precision = name, ""
    for suffix in _PRECISIONS:
        if name.endswith(f":{suffix}"):
            whole, precision = name.removesuffix(f":{suffix}"), f":{suffix}"
    base, plus, folder = whole.partition("+")
    if not plus or Path(whole).expanduser().exists():
        return name, settings.adapter
    return base + precision, Path(folder)


def _server(name: str, settings: Settings) -> LanguageModel | None:
    """The engine for a model on a server, or None where the name is not one."""
    if match := _ADDRESS.fullmatch(name):
        model, url = match["model"], match["url"]
    elif settings.base_url and name.lower() != bundled.NAME and not Path(name).expanduser().exists():
        model, url = None if name == "auto" else name, settings.base_url
    else:
        return None
    if settings.adapter is not None:
        raise UnsupportedError(
            f"an adapter cannot be put into the model of a server ({url})",
            where=str(settings.adapter),
            hint="load it into the server, or name a model that runs in this process",
        )
    from agent.lm.openai_engine import OpenAICompatibleModel

    return OpenAICompatibleModel(
        url, model, api_key=settings.api_key, timeout=settings.timeout, retries=settings.retries
    )


def _split(name: str, settings: Settings) -> tuple[str, weights.Precision]:
    """A model name without its precision, and the precision to load."""
    for precision in _PRECISIONS:
        if name.endswith(f":{precision}"):
            return name.removesuffix(f":{precision}"), precision
    return name, "own" if settings.quantization == "none" else settings.quantization
