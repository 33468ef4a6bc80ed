"""Runs the tests of a package of Python's unittest, and writes `passed failed skipped` to a file.

    run_unittest.py --count FILE DIRECTORY [NAME...]

Ends with the modules that took longest.

NAME is a module, class or test in the package, such as `test_reads` or `test_reads.Reads_3_3_6`; all when none.
"""

import argparse
import pathlib
import sys
import time
import unittest

MOST_MODULES = 8


class TimedResult(unittest.TextTestResult):
    """Also keeps how many seconds each module took, what its classes set up included."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.seconds = {}
        self._since = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        now = time.monotonic()
        module = type(test).__module__.rpartition(".")[2]
        self.seconds[module] = self.seconds.get(module, 0) + now - self._since
        self._since = now


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=pathlib.Path)
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("names", nargs="*")
    options = arguments.parse_args()
    package = options.directory.resolve()
    sys.path.insert(0, str(package.parent))
    loader = unittest.TestLoader()
    if options.names:
        suite = loader.loadTestsFromNames(f"{package.name}.{name}" for name in options.names)
    else:
        suite = loader.discover(str(package), top_level_dir=str(package.parent))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=TimedResult).run(suite)
    longest = sorted(result.seconds.items(), key=lambda one: -one[1])[:MOST_MODULES]
    print("seconds: " + ", ".join(f"{module} {seconds:.0f}" for module, seconds in longest))
    failed = len({test.id() for test, _ in result.failures + result.errors}) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped) + len(result.expectedFailures)
    if options.count:
        options.count.write_text(f"{max(0, result.testsRun - failed - skipped)} {failed} {skipped}\n")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
