"""A service without a cluster, made anew for each test case."""

import pathlib
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tools" / "support"))

from sidecar import PROGRAM, Sidecar, SidecarError  # noqa: E402,F401

POLICIES = """\
groups: [{name: analysts}]
users:
  - {name: alice, principal: alice@EXAMPLE.COM, groups: [analysts]}
  - {name: bob, principal: bob@EXAMPLE.COM}
ignored-users: [hive]
data-sources:
  - {name: sales, kind: files, directories: [/data/sales], subscription: {groups: [analysts]}}
  - {name: orders, kind: table, directories: [/data/orders], subscription: anyone}
"""


class ServiceTest(unittest.TestCase):
    """Each test has a directory, and a service in it that is not started yet."""

    extra = ""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="azs-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.sidecar = Sidecar(self.directory, extra=self.extra)
        self.addCleanup(self.sidecar.kill)

    def start(self, policies=POLICIES):
        self.sidecar.start()
        if policies:
            self.sidecar.apply(policies)
        return self.sidecar
