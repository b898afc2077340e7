"""Reports of a finished run: terminal tables, markdown, JUnit, and one self-contained HTML page."""

from eval.report.html import to_html
from eval.report.junit import to_junit
from eval.report.markdown import to_markdown
from eval.report.terminal import terminal_report

__all__ = ["terminal_report", "to_html", "to_junit", "to_markdown"]
