"""The command line's root: global options, and the commands in the order the help lists them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agent import __version__
from agent.cli import (
    calibrate,
    catalog,
    chat,
    demo,
    doctor,
    fit,
    ground,
    keys,
    mcp,
    models,
    prompts,
    recommend,
    serve,
    setup,
    store,
    tune,
    user,
)
from agent.cli.failures import CommandLine
from agent.cli.terminal import result
from eval.cli.app import app as evaluation

app = typer.Typer(
    cls=CommandLine,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A recommender that you talk to, grounded in your own catalog.",
    epilog="Settings are environment variables: GROUNDREC_CACHE_DIR, GROUNDREC_MODEL, GROUNDREC_LOCALE, ...",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        result(f"groundrec {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; also after a command.")] = False,
) -> None:
    """Declare what holds for all commands; it is acted on before one runs."""


app.command("setup")(setup.setup)
app.command("demo")(demo.demo)
app.command("chat")(chat.chat)
app.command("recommend")(recommend.recommend)
app.command("serve")(serve.serve)
app.command("ground")(ground.ground)
app.command("calibrate")(calibrate.calibrate)
app.command("fit")(fit.fit)
app.command("tune")(tune.tune)
app.add_typer(catalog.app, name="catalog")
app.add_typer(prompts.app, name="prompts")
app.command("models")(models.models)
app.add_typer(evaluation, name="eval")
app.command("mcp")(mcp.mcp)
app.add_typer(keys.app, name="keys")
app.command("doctor")(doctor.doctor)
app.add_typer(store.app, name="store")
app.add_typer(user.app, name="user")


def main() -> None:
    """Run the command line: the entry point of ``groundrec``."""
    sys.exit(app())
