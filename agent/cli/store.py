"""``groundrec store``: bring a store up to date, look at it, forget what is old."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.terminal import notice, result

if TYPE_CHECKING:
    from agent.store import Store

app = typer.Typer(no_args_is_help=True, help="The store of sessions, events and memory.")

StoreAddress = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="sqlite:///FILE, a path, or postgresql://USER@HOST/DATABASE; else GROUNDREC_STORE.",
        show_default=False,
    ),
]
_AGE = re.compile(r"(\d+(?:\.\d+)?)([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def open_store(address: str | None, *, upgrade: bool = True) -> Store:
    """The store at an address, else the one of the settings.

    Raises:
        SettingsError: the packages of the service are not installed, or the address cannot be read.
        StoreError: the store cannot be opened.
    """
    from agent.errors import SettingsError

    try:
        from agent.serve.settings import service_settings
        from agent.store import Store
    except ImportError as error:
        raise SettingsError(f"{error.name} is not installed", hint="pip install 'groundrec[serve]'") from None
    settings = service_settings()
    secret = settings.pseudonym_key
    key = secret.get_secret_value() if secret else None
    return Store.open(address or settings.store, pseudonym_key=key, upgrade=upgrade)


def parse_age(text: str) -> timedelta:
    """``90d``, ``12h`` or ``2w`` as a time."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a time such as 90d, 12h or 2w", param_hint="--older-than")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def print_counts(counts: dict[str, int]) -> None:
    """How many rows of each table, those with any."""
    lines = [f"{table} {count}" for table, count in counts.items() if count]
    result("\n".join(lines) or "nothing")


@app.command()
def upgrade(store: StoreAddress = None) -> None:
    """Make the tables, or bring those of an older version up to date."""
    from agent.store import migrate

    opened = open_store(store, upgrade=False)
    before, after = migrate.upgrade(opened)
    done = "is up to date" if before == after else f"upgraded from {before or 'nothing'}"
    result(f"{opened.address}: version {after}, {done}")


@app.command()
def check(store: StoreAddress = None) -> None:
    """Say whether a store can be reached and is up to date; exit code 1 where not."""
    from agent.errors import StoreError
    from agent.store import migrate

    opened = open_store(store, upgrade=False)
    if not opened.exists:
        raise StoreError("there is no such file", where=opened.address, hint="run: groundrec store upgrade")
    found, wanted = migrate.check(opened)
    result(f"{opened.address}: version {found or 'none'}")
    if found != wanted:
        notice(f"version {wanted} is wanted; run `groundrec store upgrade`")
        raise typer.Exit(1)


@app.command()
def expire(
    older_than: Annotated[
        str, typer.Option(metavar="AGE", help="Such as 90d, 12h or 2w.", show_default=False)
    ],
    store: StoreAddress = None,
) -> None:
    """Delete sessions, events, lists and memory that are older, and print how many rows."""
    from agent.store import now

    before = now() - parse_age(older_than)
    print_counts(open_store(store).expire(before))
