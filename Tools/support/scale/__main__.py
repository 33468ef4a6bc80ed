"""The command line of `Tools/scale`."""

import argparse
import json
import pathlib
import sys
import tempfile

from sidecar import SidecarError

from .generation import SEED, Generator, Size
from .measuring import measure


def main():
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="Tools/scale", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write the policy files, to be applied in the order of their names")
    generate.add_argument("directory", type=pathlib.Path)
    measuring = commands.add_parser("measure", help="apply them to a service of its own, and measure it")
    for command in (generate, measuring):
        command.add_argument("--data-sources", type=int, default=Size.data_sources, metavar="N")
        command.add_argument("--users", type=int, default=Size.users, metavar="N")
        command.add_argument("--subscriptions", type=int, default=Size.subscriptions, metavar="N")
        command.add_argument("--seed", type=int, default=SEED, metavar="N")
    arguments = parser.parse_args()
    generator = Generator(Size(arguments.data_sources, arguments.users, arguments.subscriptions), arguments.seed)
    if arguments.command == "generate":
        for path in generator.write(arguments.directory):
            print(path)
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="authorizer-policies-") as directory:
            print(json.dumps(measure(generator, generator.write(pathlib.Path(directory)), _say), indent=2))
        return 0
    except SidecarError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _say(line):
    print(f"scale: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
