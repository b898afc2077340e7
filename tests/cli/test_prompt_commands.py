"""``groundrec prompts``."""

import json

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.cli.prompts import read_inputs
from agent.settings import settings
from prompts import PromptLibrary

TEMPLATE = """---
name: hello
version: 1
task: ask
description: Says hello.
inputs:
  - {name: who, type: line, required: true}
  - {name: times, type: integer, default: 1}
  - {name: liked, type: lines}
examples:
  - {who: there}
---
{% user %}
Hello {{ who }} {{ times }} {{ liked | join("/") }}
{% enduser %}
"""


def invoke(*words):
    return CliRunner().invoke(app, ["prompts", *words])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of one's own prompts."""
    (tmp_path / "ask").mkdir()
    (tmp_path / "ask" / "hello.jinja").write_text(TEMPLATE)
    settings.cache_clear()
    monkeypatch.setenv("GROUNDREC_PROMPTS_DIR", str(tmp_path))
    yield tmp_path
    settings.cache_clear()


def test_list_names_every_prompt():
    rows = json.loads(invoke("list", "--json").stdout)
    assert [row["name"] for row in rows] == list(PromptLibrary().names)
    shown = invoke("list").stdout
    assert all(row["name"] in shown for row in rows)


def test_list_and_render_prompts_of_ones_own(folder):
    assert "ask/hello" in invoke("list").stdout
    ran = invoke(
        "render", "ask/hello", "--set", "who=you", "--set", "times=2", "--set", "liked=a", "--set", "liked=b"
    )
    assert ran.exit_code == 0
    assert "Hello you 2 a/b" in ran.stdout


def test_show_prints_the_file(folder):
    assert invoke("show", "ask/hello").stdout == TEMPLATE


def test_a_missing_input_is_named(folder):
    ran = invoke("render", "ask/hello")
    assert ran.exit_code == 1
    assert "ask/hello: input 'who' is missing" in ran.stderr


@pytest.mark.parametrize(
    ("setting", "said"),
    [("who", "INPUT=VALUE"), ("times=two", "not JSON"), ("whom=you", "unknown input 'whom'")],
)
def test_wrong_inputs(folder, setting, said):
    ran = invoke("render", "ask/hello", "--set", setting)
    assert ran.exit_code in (1, 2)
    assert said in ran.stderr


def test_inputs_are_read_as_the_prompt_declares_them(folder):
    prompt = PromptLibrary(folder).get("ask/hello")
    assert read_inputs(prompt, ["who=1", "times=3", "liked=x=y"]) == {
        "who": "1",
        "times": 3,
        "liked": ["x=y"],
    }
    assert read_inputs(prompt, ['liked=["a", "b"]']) == {"liked": ["a", "b"]}


def test_render_with_a_catalog_and_a_request(tmp_path):
    path = tmp_path / "films.csv"
    path.write_text("id,title\na,Alien\n")
    ran = invoke("render", "recommend/zero_shot", "--catalog", str(path), "--request", "a heist", "--json")
    messages = json.loads(ran.stdout)
    assert [m["role"] for m in messages] == ["system", "user", "assistant"]
    assert "a heist" in messages[1]["content"]


def test_render_in_chinese(tmp_path):
    path = tmp_path / "films.csv"
    path.write_text("id,title\na,Alien\n")
    ran = invoke("render", "recommend/zero_shot", "--catalog", str(path), "--locale", "zh")
    assert "推荐" in ran.stdout
