"""From the name of a model to an engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.errors import ModelNotFoundError
from agent.lm import bundled
from agent.lm.base import LanguageModel
from agent.localisation import text
from agent.settings import Settings
from agent.settings import settings as process_settings

if TYPE_CHECKING:
    from agent.lm import weights

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

            ``:bf16``, ``:fp32``, ``:nf4`` or ``:int8`` after it overrides ``settings.quantization``.
        settings: Of the installation; None: those of the environment.
        progress: Told in a few words what takes long.

    Raises:
        ModelNotFoundError: there is no such model.
        ModelError: the model is damaged or cannot be loaded.
        DeviceError: ``settings.device`` is not there.
    """
    settings = settings or process_settings()
    tell = progress or (lambda message: None)
    from agent.lm import weights

    name, precision = _split(name, settings)
    device = weights.pick_device(settings.device)
    if name == "auto":
        name = settings.gpu_model if device == "cuda" else bundled.NAME
    cache = settings.cache_dir / "models"
    path = Path(name).expanduser()
    if name.lower() == bundled.NAME:
        name, path = bundled.NAME, bundled.bundled_gguf()
    if path.suffix.lower() == ".gguf":
        if not weights.converted_folder(path, cache).is_dir():
            tell(text("lm.converting", settings.locale, name=path.name))
        name = name if name == bundled.NAME else path.stem
        path = weights.convert_gguf(path, cache)
    elif path.is_dir():
        name = path.resolve().name
    elif _HUB_ID.fullmatch(name) and not name.startswith("."):
        tell(text("lm.downloading", settings.locale, name=name))
        path = weights.download(name)
    else:
        raise ModelNotFoundError("there is no such model folder", where=name)
    tell(text("lm.loading", settings.locale, name=name))
    return weights.load_folder(path, name, precision, device)


def _split(name: str, settings: Settings) -> tuple[str, weights.Precision]:
    """A model name without its precision, and the precision to load."""
    for precision in _PRECISIONS:
        if name.endswith(f":{precision}"):
            return name.removesuffix(f":{precision}"), precision
    return name, "own" if settings.quantization == "none" else settings.quantization
