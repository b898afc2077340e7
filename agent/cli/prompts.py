"""``groundrec prompts``: list, show and render prompts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import build, options
from agent.cli.terminal import clean, notice, out, result

if TYPE_CHECKING:
    from prompts import Prompt, PromptLibrary

app = typer.Typer(no_args_is_help=True, help="List, show and render prompts.")

_Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Such as recommend/zero_shot.", show_default=False)
]


@app.command("list")
def list_prompts(as_json: options.AsJson = False) -> None:
    """List the prompts, those of GROUNDREC_PROMPTS_DIR included."""
    found = _library().list()
    if as_json:
        rows = [asdict(info) | {"source": str(info.source)} for info in found]
        result(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from agent.cli.tables import make_table

    cells = ((p.name, p.version, " ".join(p.locales), p.description) for p in found)
    columns = ("prompt", "version", "locales", "description")
    out().print(make_table(columns, cells, right=("version",), wrap=True))


@app.command()
def show(name: _Name, locale: options.Locale = None) -> None:
    """Print the file of a prompt: front matter and template."""
    prompt = _prompt(name, locale)
    notice(f"{prompt.source}  hash {prompt.hash}")
    source = clean(prompt.source.read_text("utf-8"))
    if not out().is_terminal:
        result(source.rstrip("\n"))
        return
    from rich.syntax import Syntax

    out().print(Syntax(source, "jinja", theme="ansi_dark", background_color="default", word_wrap=True))


@app.command()
def render(
    name: _Name,
    *,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="INPUT=VALUE",
            help="A text, or JSON for other types; repeat it for the entries of a list.",
            show_default=False,
        ),
    ] = None,
    request: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the user says.", show_default=False)
    ] = None,
    catalog: Annotated[
        str | None,
        typer.Option("--catalog", "-c", metavar="SOURCE", help="Whose facts to use.", show_default=False),
    ] = None,
    locale: options.Locale = None,
    as_json: options.AsJson = False,
) -> None:
    """Print the messages a prompt makes of its inputs.

    [dim]groundrec prompts render recommend/zero_shot --catalog movies --request "a heist film"[/dim]
    """
    prompt = _prompt(name, locale)
    inputs = _from_context(prompt, catalog, request) | read_inputs(prompt, values or ())
    messages = prompt.render(**inputs)
    if as_json:
        rows = [{"role": m.role, "content": m.content} for m in messages]
        result(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.text import Text

    for message in messages:
        out().print(Text(f"── {message.role} ", "bold cyan"))
        out().print(Text(clean(message.content)), soft_wrap=not out().is_terminal)
    notice(
        f"{len(messages)} messages, {sum(len(m.content) for m in messages):,} characters, hash {prompt.hash}"
    )


def read_inputs(prompt: Prompt, settings: Sequence[str]) -> dict[str, Any]:
    """The inputs in ``name=value`` texts, read as the prompt declares them.

    Texts are taken as they are, the others as JSON; a list of texts may also be given entry by entry.
    """
    types = {each.name: each.type for each in prompt.inputs}
    inputs: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise typer.BadParameter(f"{setting!r} is not INPUT=VALUE", param_hint="--set")
        kind = types.get(name, "text")
        if kind in ("line", "text"):
            inputs[name] = value
        elif kind == "lines" and not value.lstrip().startswith("["):
            inputs[name] = [*inputs.get(name, ()), value]
        else:
            inputs[name] = _json(name, kind, value)
    return inputs


def _json(name: str, kind: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise typer.BadParameter(
            f"{name} is of type {kind}: {value!r} is not JSON", param_hint="--set"
        ) from None


def _from_context(prompt: Prompt, source: str | None, request: str | None) -> dict[str, Any]:
    """What the recommender would give the prompt: the request, and facts of the catalog."""
    if source is None:
        return prompt.select({"request": request} if request is not None else {})
    from agent.context import UserContext
    from agent.prompting import prompt_inputs

    context = UserContext(locale=prompt.locale)
    return prompt.select(prompt_inputs(context, build.open_catalog(source), request=request or "", n=10))


def _library() -> PromptLibrary:
    from prompts import PromptLibrary

    return PromptLibrary(build.make_settings().prompts_dir)


def _prompt(name: str, locale: str | None) -> Prompt:
    return _library().get(name, locale or build.make_settings().locale)
