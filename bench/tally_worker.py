"""A worker that runs the sample stage `streams.tally`, one or several times in a row.

Usage: python bench/tally_worker.py STAGES PORT, settings from the environment. STAGES is how many tallies follow each
other: 1 measures a stage, 4 the way through a pipeline.
"""

from __future__ import annotations

import sys

from fundwatch.environment import configured
from streams.app import Work, run_worker
from streams.tally import Tally

if __name__ == "__main__":
    count, port = int(sys.argv[1]), int(sys.argv[2])
    names = ["numbers", *(f"totals.{number}" for number in range(1, count)), "totals"]
    stages = [
        Tally(name=f"tally.{number}", inputs=(names[number],), output=names[number + 1]) for number in range(count)
    ]
    run_worker(configured(), Work(stages), host="127.0.0.1", port=port)
