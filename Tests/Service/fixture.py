"""A service without a cluster, made anew for each test case."""

import pathlib
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tools" / "support"))

from .wire import Wire  # noqa: E402
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


# By their codes, as docs/wire.md has them.
REASONS = [
    None, "not-protected", "bad-path", "ignored-user", "unmapped-user", "ambiguous-principal", "disabled-user",
    "data-owner", "grant", "raw-table-read", "not-subscribed", "outside-project", "purpose", "policy", "subscribed",
    "not-in-catalogue", "unavailable", "audit-unavailable", "leaves-cover", "bad-principal",
    "superuser",
]


class ServiceTest(unittest.TestCase):
    """Each test has a directory, and a service in it that is not started yet."""

    extra = ""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="azs-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.sidecar = Sidecar(self.directory, extra=self.extra)
        self.addCleanup(self.sidecar.kill)

    def open_to_everybody(self):
        """Lets every local user connect to the service, which is not started yet."""
        self.directory.chmod(0o755)
        text = self.sidecar.configuration.read_text()
        self.sidecar.configuration.write_text(text.replace("socket:\n", "socket:\n  mode: '0666'\n"))

    def decide(self, principal, path, **more):
        """The answer to a read: (decision, reason in words). `more` is what `Wire.decide` takes."""
        with Wire(self.sidecar.socket) as connection:
            verdict, reason, _ = connection.decide(principal, path, **more)
        return verdict, REASONS[reason]

    def start(self, policies=POLICIES):
        self.sidecar.start()
        if policies:
            self.sidecar.apply(policies)
        return self.sidecar
