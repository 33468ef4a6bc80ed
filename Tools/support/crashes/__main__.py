"""The command line of `Tools/audit-crashes`."""

import argparse
import random
import sys
import tempfile

from cluster import ClusterError
from sidecar import SidecarError

from .comparing import LostRecord
from .namenode import NameNodeCrashes
from .service import ServiceCrashes

DESCRIPTION = """\
Kills with SIGKILL at random moments under load. After each kill every answer that a client had received has to be in
the audit, exactly once, and `audit verify` has to find nothing wrong.

what is killed:
  service    the service, under load from many connections
  namenode   a Kerberized NameNode with the plug-in, while users read; what a superuser read is recorded after the
             fact, and counted where the NameNode took it with it

Ends with status 1 at the first answer that is not recorded, or recorded twice; its directory is then kept.
"""


def main():
    parser = argparse.ArgumentParser(
        prog="Tools/audit-crashes", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["service", "namenode"])
    parser.add_argument("--rounds", type=int, help="how often (service: 300, namenode: 25)")
    parser.add_argument("--connections", type=int, default=16, help="of the service's clients (16)")
    parser.add_argument("--durability", choices=["process", "disk"], default="process", help="of the audit (process)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the moments of the kills")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    directory = tempfile.mkdtemp(prefix="azc-")
    kind = ServiceCrashes if arguments.what == "service" else NameNodeCrashes
    try:
        print(kind(directory, arguments).run(), flush=True)
    except (LostRecord, ClusterError, SidecarError) as error:
        print(f"error: {error}\nkept: {directory}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
