"""Which models can be named without looking further."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.errors import ModelNotFoundError
from agent.lm import bundled
from agent.lm.converted import converted_folder
from agent.settings import Settings
from agent.settings import settings as process_settings

LOCAL = ("bf16", "fp32", "nf4", "int8")


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model that ``load_model`` takes by name.

    Attributes:
        name: The name to give.
        where: A file, an address or ``Hugging Face hub``; what to do where it is not available.
        parameters: None where they are not known before loading.
        quantizations: What may follow the name after a colon.
        available: Whether it can be loaded without a download; a server is taken to be there.
        cached: Whether the conversion or download that comes first has been done.
    """

    name: str
    where: str
    parameters: int | None
    quantizations: tuple[str, ...]
    available: bool
    cached: bool


def list_models(settings: Settings | None = None) -> list[ModelRecord]:
    """The bundled model, the one for GPUs and, where one is set, the server's.

    Nothing is loaded and no server is asked.
    """
    settings = settings or process_settings()
    records = [_bundled(settings), _for_gpu(settings.gpu_model)]
    if settings.base_url:
        records.append(ModelRecord("auto", settings.base_url, None, (), True, False))
    return records


def _bundled(settings: Settings) -> ModelRecord:
    try:
        file = bundled.bundled_gguf()
    except ModelNotFoundError as error:
        return ModelRecord(bundled.NAME, str(error.hint), bundled.PARAMETERS, LOCAL, False, False)
    cached = converted_folder(file, settings).is_dir()
    return ModelRecord(bundled.NAME, str(file), bundled.PARAMETERS, LOCAL, True, cached)


def _for_gpu(name: str) -> ModelRecord:
    if Path(name).expanduser().is_dir():
        return ModelRecord(name, name, None, LOCAL, True, True)
    from huggingface_hub import try_to_load_from_cache

    here = isinstance(try_to_load_from_cache(name, "config.json"), str)
    return ModelRecord(name, "Hugging Face hub", None, LOCAL, here, here)
