"""`python -m fundwatch` is the command line: how the supervisor starts workers with its own interpreter."""

from fundwatch.cli import main

main()
