"""Runs the tests of a package of Python's unittest, and writes `passed failed skipped` to a file.

    run_unittest.py --count FILE DIRECTORY [NAME...]

NAME is a module, class or test in the package, such as `test_reads` or `test_reads.Reads_3_3_6`; all when none.
"""

import argparse
import pathlib
import sys
import unittest


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
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len({test.id() for test, _ in result.failures + result.errors}) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped) + len(result.expectedFailures)
    if options.count:
        options.count.write_text(f"{max(0, result.testsRun - failed - skipped)} {failed} {skipped}\n")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
