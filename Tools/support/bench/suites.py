"""What the suites that ask a service all the work do alike."""

import pathlib
import tempfile

from .workload import Workload


def measure(suite, rounds, seconds, requests, say):
    """Writes the work, goes through the rounds of a suite, and returns its result.

    `suite` is called with the work, a directory for scratch files, the seconds of one measurement and `say`; what it
    makes has `round(number)` and `result()`.
    """
    with tempfile.TemporaryDirectory(prefix="authorizer-bench-") as scratch:
        say("writing the work")
        made = suite(Workload(scratch, requests), pathlib.Path(scratch), seconds, say)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            made.round(number)
        return made.result()
