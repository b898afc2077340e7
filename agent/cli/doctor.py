"""``groundrec doctor``: what is wrong here, and what mends it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from agent.cli import build, options
from agent.cli.store import StoreAddress
from agent.cli.terminal import notice, out, result

_MARKS = {"ok": "ok", "warning": "!", "wrong": "WRONG"}


def doctor(
    *,
    catalog: options.CatalogSource = "movies",
    model: options.Model = None,
    store: StoreAddress = None,
    host: Annotated[str, typer.Option(help="Where the service is to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the service is to listen.")] = 8000,
    as_json: options.AsJson = False,
) -> None:
    """Look whether everything is here that the service needs; exit code 1 where something is wrong."""
    from agent.serve.ops.doctor import Installation, examine
    from agent.serve.settings import service_settings

    kept = service_settings()
    secret = kept.pseudonym_key
    key = secret.get_secret_value() if secret else None
    settings = build.make_settings(model=model)
    found = list(examine(Installation(settings, catalog, store or kept.store, key, host, port)))
    wrong = [finding for finding in found if finding.health == "wrong"]
    if as_json:
        result(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    else:
        from agent.cli.tables import make_table

        rows = ((f.name, _MARKS[f.health], f.words) for f in found)
        out().print(make_table(("", "", ""), rows, wrap=True))
        for finding in found:
            if finding.mend:
                notice(f"{finding.name}: {finding.mend}")
    if wrong:
        raise typer.Exit(1)
