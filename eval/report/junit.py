"""Cells and gates as JUnit test cases, for what continuous integration shows."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from eval.gates import Verdict
from eval.report.text import figure, plain, plural
from eval.results import CellResult, RunResult


def to_junit(run: RunResult, verdicts: Sequence[Verdict] = ()) -> str:
    """A JUnit document: one suite a data set with a test case a cell, then one suite of the gates.

    A cell fails where no row of it has an answer; single failed rows are among its properties, and
    are for a gate to judge.

    Args:
        run: The results.
        verdicts: What became of the gates, where there are any.

    Returns:
        The XML, with its declaration.
    """
    root = ET.Element("testsuites", name=plain(f"groundrec {run.id}"))
    for name in run.datasets:
        cells = run.of(name)
        suite = _suite(root, name, len(cells), failures=sum(map(_is_dead, cells)))
        suite.set("timestamp", plain(run.created))
        for cell in cells:
            _cell(suite, name, cell)
    if verdicts:
        suite = _suite(root, "gates", len(verdicts), failures=sum(not verdict.passed for verdict in verdicts))
        for verdict in verdicts:
            _gate(suite, verdict)
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, tests: int, *, failures: int) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": "0", "skipped": "0"}
    return ET.SubElement(root, "testsuite", {"name": plain(name), **counts})


def _cell(suite: ET.Element, dataset: str, cell: CellResult) -> None:
    case = ET.SubElement(suite, "testcase", name=plain(cell.label), classname=plain(f"groundrec.{dataset}"))
    if cell.cost.seconds is not None:
        case.set("time", f"{cell.cost.seconds:.3f}")
    properties = ET.SubElement(case, "properties")
    ET.SubElement(properties, "property", name="n", value=str(cell.n))
    ET.SubElement(properties, "property", name="failed", value=str(cell.failed))
    for metric, interval in cell.measurements.items():
        if interval.value is not None:
            ET.SubElement(properties, "property", name=plain(metric), value=f"{interval.value:.6g}")
    if _is_dead(cell):
        message = f"no row has an answer: {plural(cell.failed, 'failure')} in {plural(cell.n, 'row')}"
        failure = ET.SubElement(case, "failure", type="failures", message=message)
        failure.text = plain("\n".join(f"{count} × {reason}" for reason, count in cell.failures.items()))
    else:
        found = (f"{name} {figure(name, i.value)}" for name, i in cell.measurements.items())
        ET.SubElement(case, "system-out").text = plain("\n".join(found))


def _gate(suite: ET.Element, verdict: Verdict) -> None:
    name, owner = plain(str(verdict.gate)), plain(f"groundrec.gates.{verdict.cell}")
    case = ET.SubElement(suite, "testcase", name=name, classname=owner)
    if not verdict.passed:
        ET.SubElement(case, "failure", type="gate", message=plain(str(verdict)))


def _is_dead(cell: CellResult) -> bool:
    return cell.failed >= max(cell.n, 1)
