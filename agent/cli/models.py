"""``groundrec models``: which language models are here."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from agent.cli import build, options
from agent.cli.terminal import notice, out, result

if TYPE_CHECKING:
    from agent.lm import ModelRecord

_UNITS = ((1_000_000_000, "B"), (1_000_000, "M"))


def models(*, as_json: options.AsJson = False) -> None:
    """List the language models that are here or can be loaded."""
    from agent.lm import list_models

    records = list_models(build.make_settings())
    if as_json:
        result(json.dumps([asdict(record) for record in records], ensure_ascii=False, indent=2))
        return
    from agent.cli.tables import make_table

    rows = ((r.name, _size(r.parameters), _state(r), r.where) for r in records)
    columns = ("model", "parameters", "state", "where")
    out().print(make_table(columns, rows, right=("parameters",), wrap=True))
    notice("any other by name: a hub id, a folder, a .gguf file, or model@http://host:port/v1")


def _size(parameters: int | None) -> str:
    for unit, name in _UNITS:
        if parameters and parameters >= unit:
            return f"{parameters / unit:.0f}{name}"
    return str(parameters) if parameters else ""


def _state(record: ModelRecord) -> str:
    if not record.available:
        return "not here"
    return "ready" if record.cached else "to convert" if record.quantizations else "a server"
