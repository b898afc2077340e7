"""``groundrec catalog``."""

import json

import pytest
from typer.testing import CliRunner

from agent.cli import app

GOOD = "id,title,year,price\na,Alien,1979,5\nb,Up,2009,7\n"
BAD = "id,title,year\na,,1979\na,Up,soon\n"


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.csv"
    path.write_text(GOOD)
    return str(path)


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(BAD)
    return str(path)


def invoke(*words):
    return CliRunner().invoke(app, ["catalog", *words])


def test_check_a_sound_catalog(good):
    ran = invoke("check", good)
    assert (ran.exit_code, ran.stdout) == (0, "good: 2 items, no problems\n")


def test_check_prints_every_problem(bad):
    ran = invoke("check", bad)
    assert ran.exit_code == 1
    assert sorted(line.removeprefix(f"{bad}:") for line in ran.stdout.splitlines()) == [
        "2:title: empty",
        "3:id: 'a' is already in row 2",
        "3:year: 'soon' is not a year",
    ]
    assert ran.stderr.startswith("3 problems")


def test_check_as_json(bad):
    ran = invoke("check", bad, "--json")
    outcome = json.loads(ran.stdout)
    assert (ran.exit_code, outcome["sound"], len(outcome["problems"])) == (1, False, 3)


def test_check_a_file_that_is_not_there():
    ran = invoke("check", "nowhere.csv")
    assert (ran.exit_code, ran.stdout) == (1, "nowhere.csv: no such file\n")


def test_info(good):
    ran = invoke("info", good)
    assert ran.exit_code == 0
    assert "good  2 items" in ran.stdout
    assert "1979 to 2009" in ran.stdout
    assert "5 to 7" in ran.stdout


def test_info_as_json(good):
    facts = json.loads(invoke("info", good, "--json").stdout)
    assert (facts["name"], facts["items"]) == ("good", 2)


def test_info_leaves_bad_rows_out_when_asked(tmp_path):
    path = tmp_path / "half.csv"
    path.write_text("id,title\na,Alien\nb,\n")
    assert invoke("info", str(path)).exit_code == 1
    ran = invoke("info", str(path), "--skip-bad-rows")
    assert ran.exit_code == 0
    assert "half  1 items" in ran.stdout
    assert "1 bad rows left out" in ran.stderr


def test_columns_of_other_names(tmp_path):
    path = tmp_path / "films.csv"
    path.write_text("sku,name\na,Alien\n")
    assert invoke("check", str(path)).exit_code == 1
    assert invoke("check", str(path), "--columns", "id=sku, title=name").exit_code == 0


def test_titles_cannot_control_the_terminal(tmp_path):
    path = tmp_path / "hostile.csv"
    path.write_text("id,title,cast\na,Alien,\x1b[2J\nb,Up,\x1b[2J\n")
    assert "\x1b" not in invoke("info", str(path)).stdout
