"""A process that fits: it reads `world seed` from its input, a line a fit, and answers each with a record in JSON.

It ends when its input ends, so that it does not outlive who asked.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time

import numpy as np

from benchmarks.truth.estimate import Effort
from benchmarks.truth.scores import scored
from mmm_models.panel import Panel
from mmm_models.worlds.stress import make_world


def main(who: str, effort: Effort) -> None:
    """Answer on the standard output of before: what libraries print goes to the errors."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from benchmarks.truth.who import WHO

    first = True
    for line in sys.stdin:
        name, seed = line.split()
        world = make_world(name, int(seed))
        # What is to be predicted is not even there.
        ahead = Panel(world.ahead.dataset.assign(outcome=world.ahead.dataset["outcome"] * np.nan))
        started = time.perf_counter()
        estimate = WHO[who].estimate(world.panel, ahead, effort, int(seed))
        seconds = time.perf_counter() - started
        # Kilobytes on Linux: the most that this process has held so far.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        record = {"seconds": seconds, "first": first, "peak_mib": peak, **scored(world, estimate)}
        print(json.dumps(record), file=answers, flush=True)
        first = False


if __name__ == "__main__":
    main(sys.argv[1], Effort(**json.loads(sys.argv[2])))
