"""The command line of `Tools/bench`."""

import argparse
import datetime
import os
import pathlib
import shlex
import signal
import sys

from cluster import ClusterError
from sidecar import PROGRAM, SidecarError

from . import (
    audit_cost, catalogue, cover, crawl, java_clients, machine, namenode, publishing, records, service, spark_cost,
)
from .errors import BenchError
from .workload import REQUESTS

DESCRIPTION = """\
Measures the authorizer beside something plain, in the same run: what it prints are ratios first of all, since figures
of one machine say little about another. Nothing is asserted but the answers, every one of which is checked.
"""

SUITES = """\
suites:
  service   the service and a C epoll echo server, asked by a C client
  java      the same two, asked by a Java client with 32 threads, and by the plug-in's pool of connections
  namenode  Kerberized NameNodes without a provider, with one that does nothing, and with ours
  crawl     a crawl of many files, and `hdfs dfs -ls -R` of the same
  catalogue finding a file in the catalogue, among 10,000 and among 10,000,000
  cover     finding the data source that covers a path, among 10 and among 100,000
  audit     the service with its audit, and without; and a record by itself, beside a plain `writev`
  spark     planning queries with the extension and without; opening files under a grant and without
  records   a journal of many records: its size, how long it takes to ask and to verify it. Not among `all`
  all       all of the others

exit codes:
  0    measured
  1    something went wrong, or an answer was wrong; the message says what
  2    wrong arguments
  69   a package is missing and cannot be had
  130  interrupted; nothing is left running
"""

ROUNDS = 5
SECONDS = 2.0


def main():
    """Runs the command line; returns the exit code."""
    arguments = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    if not PROGRAM.exists():
        print(f"no service at {PROGRAM}: build it with `swift build -c release`", file=sys.stderr)
        return 1
    try:
        _run(arguments)
        return 0
    except (BenchError, ClusterError, SidecarError) as error:
        print(f"error: {error}", file=sys.stderr)
        return getattr(error, "exit_code", 1)
    except KeyboardInterrupt:
        print("interrupted; nothing is left running", file=sys.stderr)
        return 130


def _run(arguments):
    out = arguments.out or _fresh_file()
    document = {"machine": machine.describe(_command()), "suites": {}}
    for suite in ALL if arguments.suite == "all" else [arguments.suite]:
        _say(f"== {suite}")
        result = RUNS[suite](arguments)
        document["suites"][suite] = {
            "rounds": arguments.rounds,
            "seconds": arguments.seconds,
            **result,
        }
        # At once: a later suite may fail.
        publishing.write_json(document, out)
        print(f"\n## {suite}\n\n{publishing.markdown(suite, document)}\n", flush=True)
    if arguments.publish:
        publishing.publish(document)
    _say(f"the result is in {out}")


RUNS = {
    "service": lambda a: service.run(a.rounds, a.seconds, a.requests, _say),
    "java": lambda a: java_clients.run(a.rounds, a.seconds, a.requests, _say),
    "namenode": lambda a: namenode.run(a.rounds, a.seconds, _say),
    "crawl": lambda a: crawl.run(a.rounds, a.files, _say),
    "catalogue": lambda a: catalogue.run(a.rounds),
    "cover": lambda a: cover.run(a.rounds),
    "audit": lambda a: audit_cost.run(a.rounds, a.seconds, a.requests, _say),
    "spark": lambda a: spark_cost.run(a.rounds, _say),
    "records": lambda a: records.run(a.records, _say),
}
# The others take an hour and more.
ALL = [suite for suite in RUNS if suite != "records"]


def _say(line):
    print(f"bench: {line}", file=sys.stderr, flush=True)


def _command():
    return " ".join(["Tools/bench", *map(shlex.quote, sys.argv[1:])])


def _fresh_file():
    time = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    directory = machine.REPOSITORY / ".build" / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    return directory / f"{time}-{os.getpid()}.json"


def _positive(kind):
    def parse(text):
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"`{text}` is not above 0")
        return value

    return parse


def _parser():
    parser = argparse.ArgumentParser(
        prog="Tools/bench",
        description=DESCRIPTION,
        epilog=SUITES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("suite", nargs="?", choices=[*RUNS, "all"], default="all")
    parser.add_argument(
        "--rounds", type=_positive(int), default=ROUNDS, metavar="N", help="default: %(default)s"
    )
    parser.add_argument(
        "--seconds",
        type=_positive(float),
        default=SECONDS,
        metavar="S",
        help="length of each measurement (default: %(default)s)",
    )
    parser.add_argument(
        "--requests",
        type=_positive(int),
        default=REQUESTS,
        metavar="N",
        help="requests in the work of `service` and `java` (default: %(default)s)",
    )
    parser.add_argument(
        "--files",
        type=_positive(int),
        default=crawl.FILES,
        metavar="N",
        help="files in the tree of `crawl` (default: %(default)s)",
    )
    parser.add_argument(
        "--records",
        type=_positive(int),
        default=records.RECORDS,
        metavar="N",
        help="records in the journal of `records` (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=pathlib.Path,
        default=None,
        metavar="FILE",
        help="where the result goes, as JSON (default: a new file in .build/bench)",
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="put the result into docs/benchmarks.md and Tools/support/bench/results, too",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
