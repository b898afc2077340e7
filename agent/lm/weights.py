"""Weights from folders, the Hugging Face hub and GGUF files."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any, Literal

import huggingface_hub
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, GgufConfig, PreTrainedModel

from agent.errors import DeviceError, ModelError, ModelNotFoundError
from agent.lm.adapters import Adapter
from agent.lm.transformers_engine import TransformersModel

Precision = Literal["auto", "own", "bf16", "fp32", "nf4", "int8"]
"""``own``: as the checkpoint is; ``auto``: nf4 on a GPU, bf16 on a CPU."""

_QUANTISED = ("nf4", "int8")
_DTYPES = {torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"}
_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
_ABANDONED_SECONDS = 3600.0


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and warnings of the libraries underneath."""
    own_level = transformers.logging.get_verbosity()
    bars = transformers.logging.is_progress_bar_enabled()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers.logging.set_verbosity(own_level)
        if bars:
            transformers.logging.enable_progress_bar()


def pick_device(device: Literal["auto", "cpu", "cuda"]) -> Literal["cpu", "cuda"]:
    """The device to use.

    Raises:
        DeviceError: a GPU was asked for and PyTorch sees none.
    """
    if torch.cuda.is_available():
        return "cpu" if device == "cpu" else "cuda"
    if device == "cuda":
        raise DeviceError(
            "there is no CUDA GPU that PyTorch can use", hint="set GROUNDREC_DEVICE=cpu or auto"
        )
    return "cpu"


def load_folder(
    folder: Path,
    name: str,
    precision: Precision = "auto",
    device: Literal["auto", "cpu", "cuda"] = "auto",
    adapter: Adapter | None = None,
) -> TransformersModel:
    """Load a model folder in the transformers layout.

    Args:
        folder: Holds ``config.json``, the weights and the tokenizer.
        name: Becomes the name of the model, with the adapter after a plus and the precision after a colon.
        precision: How the weights are held.
        device: Where they are held; several GPUs share a model that one cannot hold.
        adapter: What was tuned for the model.

    Raises:
        DeviceError: there is no such device.
        ModelNotFoundError: the folder does not hold a model.
        ModelError: the model cannot be loaded.
        AdapterError: the adapter is damaged or was made for another model.
    """
    model, tokenizer, held = load_weights(folder, precision, device)
    if adapter is None:
        return TransformersModel(model, tokenizer, name=f"{name}:{held}")
    adapter.check_base(folder, name)
    with quiet():
        tuned = adapter.into(model, merge=held not in _QUANTISED)
    return TransformersModel(tuned, tokenizer, name=f"{name}+{adapter.name}:{held}", adapter=adapter)


def load_weights(
    folder: Path, precision: Precision = "auto", device: Literal["auto", "cpu", "cuda"] = "auto"
) -> tuple[PreTrainedModel, Any, str]:
    """The model in a folder, its tokenizer, and how its weights are held; see :func:`load_folder`."""
    place = pick_device(device)
    if not folder.is_dir():
        raise ModelNotFoundError("there is no such folder", where=str(folder))
    if not (folder / "config.json").is_file():
        raise ModelNotFoundError(
            "the folder has no config.json",
            where=str(folder),
            hint="give the folder that save_pretrained wrote",
        )
    if precision == "auto":
        precision = "nf4" if place == "cuda" else "bf16"
    options: dict[str, Any] = {"local_files_only": True, "dtype": _dtype(precision)}
    if precision == "nf4" or precision == "int8":  # noqa: PLR1714
        options["quantization_config"] = _bitsandbytes(precision)
    if place == "cuda" or precision in _QUANTISED:
        options["device_map"] = "auto" if place == "cuda" else {"": "cpu"}
    with quiet():
        try:
            model = AutoModelForCausalLM.from_pretrained(folder, **options)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # whatever a broken file leads to, in any library underneath
            raise ModelError(f"the model cannot be loaded: {_line(error)}", where=str(folder)) from error
    held = precision if precision in _QUANTISED else _DTYPES.get(model.dtype, str(model.dtype))
    return model, tokenizer, held


def download(name: str) -> Path:
    """The folder of a model of the Hugging Face hub, downloaded where it is not there yet.

    Raises:
        ModelNotFoundError: the hub has no such model, refuses it, or cannot be reached.
    """
    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=_FILES, ignore_patterns=["*/*"]))
    except Exception as error:  # HTTP, network, offline and naming errors share no base class
        raise ModelNotFoundError(
            f"{name!r} is no folder here and could not be had from the Hugging Face hub ({_line(error)})",
            hint="check the name and the network, log in where the model asks for it, or give a local folder",
        ) from error


def convert_gguf(file: Path, folder: Path) -> None:
    """Unpack a GGUF file into a folder of bf16 safetensors.

    It is written under another name and renamed at the end, so the folder is whole or not there.

    Args:
        file: The GGUF file.
        folder: Does not exist yet.

    Raises:
        ModelError: the file is damaged or of an architecture that transformers cannot read.
    """
    cache = folder.parent
    cache.mkdir(parents=True, exist_ok=True)
    _sweep(cache)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=cache))
    try:
        # The GGUF reader draws its progress bar whatever the libraries' settings are.
        with quiet(), redirect_stderr(io.StringIO()):
            _unpack(file, partial)
        try:
            os.replace(partial, folder)
        except OSError:  # another process was faster
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> None:
    source = {"pretrained_model_name_or_path": file.parent, "gguf_file": file.name, "local_files_only": True}
    try:
        model = AutoModelForCausalLM.from_pretrained(
            **source, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        tokenizer = AutoTokenizer.from_pretrained(**source)
    except Exception as error:  # the reader meets damage anywhere, as any exception
        raise ModelError(
            f"the GGUF file is damaged or not supported: {_line(error)}",
            where=str(file),
            hint="fetch it again and compare its size, or give a folder of safetensors",
        ) from error
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _sweep(cache: Path) -> None:
    """Remove what conversions that were killed have left."""
    for partial in cache.glob(".partial-*"):
        if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(partial, ignore_errors=True)


def _dtype(precision: Precision) -> torch.dtype | Literal["auto"]:
    if precision == "own":
        return "auto"
    return torch.float32 if precision == "fp32" else torch.bfloat16


def _bitsandbytes(precision: Literal["nf4", "int8"]) -> BitsAndBytesConfig:
    """NF4 with double quantisation (Dettmers et al. 2023, QLoRA), or LLM.int8() (Dettmers et al. 2022)."""
    if precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _line(error: Exception) -> str:
    """The first line of an error's message, or its class where it has none."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
