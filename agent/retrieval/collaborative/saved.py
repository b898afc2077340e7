"""Fitted models in a folder: arrays as ``NAME.npz``, and where they come from as ``NAME.json``."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent.errors import FormatError


def save_arrays(folder: Path, name: str, arrays: Mapping[str, Any], provenance: Mapping[str, object]) -> None:
    """Write arrays and their provenance; the folder is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".npz")
    with os.fdopen(handle, "wb") as stream:
        np.savez_compressed(stream, **arrays)
    shapes = {key: list(array.shape) for key, array in arrays.items()}
    text = json.dumps({"model": name, "shapes": shapes, **provenance}, indent=2, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")
    os.replace(temporary, folder / f"{name}.npz")


def load_arrays(folder: Path, name: str, keys: Sequence[str]) -> dict[str, np.ndarray]:
    """Read the arrays of a model; nothing in the file is ever executed.

    Raises:
        FormatError: the file is not there, is damaged, or lacks an array.
    """
    file = folder / f"{name}.npz"
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in keys}
    except FileNotFoundError:
        raise FormatError(f"no fitted model {name!r}", where=str(folder), hint="fit it first") from None
    except KeyError as error:
        raise FormatError(f"lacks {error.args[0]}", where=str(file), hint="fit the model again") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        # What numpy says of such a file is how to unpickle it, which is the last thing to do.
        raise FormatError(
            "damaged, or no file of a fitted model", where=str(file), hint="fit the model again"
        ) from None
