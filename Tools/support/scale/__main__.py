"""The command line of `Tools/scale`."""

import argparse
import json
import pathlib
import sys
import tempfile
from dataclasses import asdict

from sidecar import SidecarError

from .generation import SEED, Generator, Size
from .measuring import measure

# What the size that is asked for is compared with.
SMALL = Size(data_sources=1_000, users=10_000, subscriptions=100_000)


def main():
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="Tools/scale", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write the policy files, to be applied in the order of their names")
    generate.add_argument("directory", type=pathlib.Path)
    measuring = commands.add_parser(
        "measure", help="apply them to a service of its own, and measure it; the same for a small set, to compare")
    for command in (generate, measuring):
        command.add_argument("--data-sources", type=int, default=Size.data_sources, metavar="N")
        command.add_argument("--users", type=int, default=Size.users, metavar="N")
        command.add_argument("--subscriptions", type=int, default=Size.subscriptions, metavar="N")
        command.add_argument("--seed", type=int, default=SEED, metavar="N")
    arguments = parser.parse_args()
    size = Size(arguments.data_sources, arguments.users, arguments.subscriptions)
    if arguments.command == "generate":
        for path in Generator(size, arguments.seed).write(arguments.directory):
            print(path)
        return 0
    try:
        small, large = (_measured(Generator(each, arguments.seed)) for each in (SMALL, size))
        ratio = {name: round(large[name] / small[name], 2) for name in ("decide_anew_us", "decide_cached_us")}
        print(json.dumps({"small": small, "large": large, "large_to_small": ratio}, indent=2))
        return 0
    except SidecarError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _measured(generator):
    with tempfile.TemporaryDirectory(prefix="authorizer-policies-") as directory:
        return asdict(generator.size) | measure(generator, generator.write(pathlib.Path(directory)), _say)


def _say(line):
    print(f"scale: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
