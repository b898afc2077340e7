"""``groundrec store`` and ``groundrec user``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.store import Step, Store


@pytest.fixture
def address(tmp_path):
    return str(tmp_path / "store.db")


@pytest.fixture
def filled(address):
    """A store in which ann has said something."""
    store = Store.open(address)
    session = store.open_session("ann", "s", opening={}, change={})
    store.append("ann", session, Step("say", "something of ann's", change={}))
    store.close()
    return address


def invoke(*words):
    return CliRunner().invoke(app, words)


def test_a_store_is_made_checked_and_brought_up_to_date(address):
    ran = invoke("store", "check", "--store", address)
    assert ran.exit_code == 1
    assert "no such file" in ran.stderr
    assert not Path(address).exists()
    assert "upgraded from nothing" in invoke("store", "upgrade", "--store", address).stdout
    assert invoke("store", "check", "--store", address).exit_code == 0
    assert "up to date" in invoke("store", "upgrade", "--store", address).stdout


def test_a_store_without_tables_is_not_up_to_date(tmp_path):
    (tmp_path / "empty.db").touch()
    ran = invoke("store", "check", "--store", str(tmp_path / "empty.db"))
    assert ran.exit_code == 1
    assert "groundrec store upgrade" in ran.stderr


def test_a_user_is_handed_over_and_deleted(filled):
    found = json.loads(invoke("user", "export", "ann", "--store", filled).stdout)
    assert [turn["text"] for turn in found["turns"]] == ["something of ann's"]
    ran = invoke("user", "delete", "ann", "--store", filled)
    assert ran.stdout.splitlines() == ["turns 1", "moments 2", "sessions 1", "users 1"]
    ran = invoke("user", "export", "ann", "--store", filled)
    assert (ran.exit_code, json.loads(ran.stdout)) == (1, {})


def test_what_is_old_expires(filled):
    assert invoke("store", "expire", "--older-than", "1d", "--store", filled).stdout == "nothing\n"
    ran = invoke("store", "expire", "--older-than", "0h", "--store", filled)
    assert "sessions 1" in ran.stdout.splitlines()
    ran = invoke("store", "expire", "--older-than", "soon", "--store", filled)
    assert ran.exit_code == 2
    assert "90d" in ran.stderr


def test_a_server_that_is_not_there_is_told_without_its_password():
    ran = invoke("store", "check", "--store", "postgresql://u:secret@127.0.0.1:1/d")
    assert ran.exit_code == 1
    assert "secret" not in ran.output
    assert "127.0.0.1:1" in ran.output


def test_the_store_of_the_environment_is_used(filled, monkeypatch):
    from agent.serve.settings import service_settings

    service_settings.cache_clear()
    monkeypatch.setenv("GROUNDREC_STORE", filled)
    monkeypatch.setenv("GROUNDREC_PSEUDONYM_KEY", "k")
    try:
        assert invoke("store", "check").exit_code == 0
        assert invoke("user", "export", "ann").exit_code == 1  # known by another name where there is a key
        service_settings.cache_clear()
        monkeypatch.setenv("GROUNDREC_RETENTION_DAYS", "-1")
        ran = invoke("store", "check")
        assert (ran.exit_code, "retention_days" in ran.stderr) == (1, True)
    finally:
        service_settings.cache_clear()
