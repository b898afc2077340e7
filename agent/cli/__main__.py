"""``python -m agent.cli`` is ``groundrec``."""

from agent.cli import main

main()
