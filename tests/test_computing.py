"""Torch computes on one thread, whoever asks."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.computing import computed


def test_all_threads_compute_on_the_same_one():
    with ThreadPoolExecutor(8) as threads:
        places = set(threads.map(lambda _: computed(threading.get_ident), range(32)))
    assert len(places) == 1
    assert places != {threading.get_ident()}


def test_what_computes_may_compute():
    assert computed(lambda: computed(lambda: 7) + 1) == 8


def test_errors_reach_who_asked():
    with pytest.raises(ZeroDivisionError):
        computed(lambda: 1 / 0)
    assert computed(lambda: 1) == 1


def _in_child(results):
    results.put(computed(lambda: "done"))


def test_a_forked_process_computes_too():
    computed(lambda: None)
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=_in_child, args=(results,))
    child.start()
    child.join(10)
    assert child.exitcode == 0
    assert results.get() == "done"
