"""``groundrec user``: hand over or delete everything that is kept of a user."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agent.cli.store import StoreAddress, open_store, print_counts
from agent.cli.terminal import result

app = typer.Typer(no_args_is_help=True, help="What is kept of a user.")

_User = Annotated[
    str, typer.Argument(metavar="ID", help="The user's id, as it comes to the service.", show_default=False)
]


@app.command()
def export(user: _User, store: StoreAddress = None) -> None:
    """Print everything that is kept of a user, as JSON by table; exit code 1 where there is nothing."""
    found = open_store(store).export(user)
    result(json.dumps(found, ensure_ascii=False, indent=2))
    if not found:
        raise typer.Exit(1)


@app.command()
def delete(user: _User, store: StoreAddress = None) -> None:
    """Delete everything that is kept of a user, and print how many rows; running services follow at once."""
    print_counts(open_store(store).delete_user(user))
