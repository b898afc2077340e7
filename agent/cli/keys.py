"""``groundrec keys``: make, list and revoke the keys of the HTTP API."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.store import StoreAddress, open_store
from agent.cli.terminal import notice, out, result

app = typer.Typer(no_args_is_help=True, help="The keys of the HTTP API.")

_Name = Annotated[str, typer.Option("--name", help="What you call it.", show_default=False)]


@app.command()
def create(
    *,
    name: _Name,
    scope: Annotated[
        str,
        typer.Option(
            metavar="SCOPE,...", help="recommend, events, act-as (for other users) and admin (metrics)."
        ),
    ] = "recommend,events",
    user: Annotated[
        str | None, typer.Option(help="The user whose key it is.", show_default="nobody in particular")
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(metavar="60/min", help="Limit of its own.", show_default="GROUNDREC_KEY_RATE"),
    ] = None,
    store: StoreAddress = None,
) -> None:
    """Make a key and print it, this once: only its hash is kept.

    From the first key on, every request needs one.
    """
    from agent.serve.security import hash_key, make_key, parse_rate, parse_scopes

    scopes, per_minute = parse_scopes(scope), None if rate is None else parse_rate(rate)
    key = make_key()
    open_store(store).add_key(hash_key(key), name, scopes, user=user, rate=per_minute)
    result(key)
    notice("keep it well: it is not shown again")


@app.command("list")
def list_keys(*, store: StoreAddress = None, as_json: options.AsJson = False) -> None:
    """List the keys, without what only their owners know."""
    keys = open_store(store).keys()
    rows = [
        {
            "name": key.name,
            "scopes": list(key.scopes),
            "user": key.user,
            "per_minute": key.rate,
            "created": key.created.isoformat(timespec="seconds"),
            "revoked": key.revoked.isoformat(timespec="seconds") if key.revoked else None,
        }
        for key in keys
    ]
    if as_json:
        result(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from agent.cli.tables import make_table

    cells = (
        (
            r["name"],
            ",".join(key.scopes),
            r["user"] or "",
            r["per_minute"] or "",
            r["created"],
            r["revoked"] or "",
        )
        for r, key in zip(rows, keys, strict=True)
    )
    columns = ("key", "scopes", "user", "a minute", "made", "revoked")
    out().print(make_table(columns, cells, right=("a minute",)))


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)], store: StoreAddress = None
) -> None:
    """Let a key be good no longer; running services follow at once."""
    open_store(store).revoke_key(name)
    result(f"{name} is revoked")
