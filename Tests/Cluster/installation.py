"""A whole installation to test: a Kerberized HDFS with the plug-in attached, and the service beside it.

One per Hadoop version, made when a test first asks for it, and taken down at the end of the process.
"""

import atexit
import os
import pathlib
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tools" / "support"))

from cluster import Cluster, ClusterError, Pair  # noqa: E402,F401
from cluster.packages import class_path as class_path_of  # noqa: E402,F401
from cluster.processes import wait_until  # noqa: E402
from sidecar import PLUGIN, Sidecar, SidecarError, crawler_of  # noqa: E402,F401

HADOOP_VERSIONS = ("3.3.6", "2.7.4")

# Who is who:
#   alice    subscribed to `sales` and `orders`; HDFS gives her nothing there
#   bob      a user, subscribed to nothing but `reports`
#   carol    on the list of ignored users
#   dave     owns the directory of `notes`, and is not subscribed to it
#   erin     maps to no user
#   etl      the principal that the data sources were created with
#   mallory  a disabled user
#
# `KEYTABS` stands for the directory of the cluster's keytabs.
POLICIES = """\
groups:
  - name: analysts
attributes:
  - name: country
users:
  - {name: alice, principal: alice@EXAMPLE.COM, groups: [analysts], attributes: {country: DE}}
  - {name: bob, principal: bob@EXAMPLE.COM}
  - {name: dave, principal: dave@EXAMPLE.COM}
  - {name: etl, principal: etl@EXAMPLE.COM}
  - {name: mallory, principal: mallory@EXAMPLE.COM, groups: [analysts], enabled: false}
ignored-users: [carol]
data-sources:
  - name: sales
    kind: files
    directories: [/secure/sales]
    credential: {principal: etl@EXAMPLE.COM, keytab: KEYTABS/etl.keytab}
    contact: sales-team@example.com
    subscription: {users: [alice]}
  - name: reports
    kind: files
    directories: [/open/reports]
    credential: {principal: etl@EXAMPLE.COM, keytab: KEYTABS/etl.keytab}
    subscription: {users: [alice, bob]}
  - name: ledger
    kind: files
    directories: [/open/ledger]
    credential: {principal: etl@EXAMPLE.COM, keytab: KEYTABS/etl.keytab}
    subscription: {condition: {all: [{group: analysts}, {attribute: {country: DE}}]}}
  - name: notes
    kind: files
    directories: [/home/dave/notes]
    credential: {principal: etl@EXAMPLE.COM, keytab: KEYTABS/etl.keytab}
    subscription: {users: [alice]}
  - name: single
    kind: files
    directories: [/single/covered]
    credential: {principal: etl@EXAMPLE.COM, keytab: KEYTABS/etl.keytab}
    subscription: {users: [alice]}
  - name: orders
    kind: table
    directories: [/secure/orders]
    subscription: {users: [alice]}
"""

# Files, as path: (owner, mode of the file, mode of its directory).
FILES = {
    "/secure/sales/q1.csv": ("etl", "600", "700"),
    "/secure/orders/part-0": ("hdfs", "600", "755"),
    "/open/reports/r1": ("hdfs", "644", "755"),
    "/open/ledger/l1": ("hdfs", "644", "755"),
    "/home/dave/notes/n1": ("dave", "644", "755"),
    "/single/covered": ("alice", "644", "755"),
    "/single/other": ("alice", "644", "755"),
    "/public/p1": ("hdfs", "644", "755"),
    "/public/private": ("hdfs", "600", "755"),
}


CLOSED = "/secure/sales/closed.csv"


def contents(path):
    """What the file at a path holds."""
    return f"this is {path}\n"


class Installation:
    """A cluster and a service. The service can be stopped, killed and started again by tests."""

    _made = {}

    @classmethod
    def of(cls, hadoop):
        """The installation for a Hadoop version."""
        if hadoop not in cls._made:
            cls._made[hadoop] = cls(hadoop)
        return cls._made[hadoop]

    def __init__(self, hadoop):
        self.hadoop = hadoop
        self._directory = tempfile.TemporaryDirectory(prefix="azt-")
        directory = pathlib.Path(self._directory.name)
        # The plug-in's settings.
        self.settings = {
            "authorizer.socket.path": str(directory / "authorizer.sock"),
            "authorizer.cover.file": str(directory / "cover"),
            # Two busy cores and a cold JVM: what is tested is who wins, not how fast.
            "authorizer.deadline.ms": "2000",
            "dfs.namenode.audit.loggers": "default,authorizer.namenode.SuperuserReads",
        }
        self.cluster = Cluster.up(hadoop=hadoop, plugin=PLUGIN, conf=self.settings)
        atexit.register(self._down)
        self.sidecar = Sidecar(
            directory, core_site=self.cluster.layout.core_site, krb5_conf=self.cluster.layout.krb5_conf,
            crawl=crawler_of(self.cluster), extra="contact: the-admins@example.com\n",
            # Tests ask for grants of others.
            gateway=True,
        )
        self.sidecar.start()
        self._put_files()
        self.apply(POLICIES)
        self.await_cover()

    def _put_files(self):
        shell = self.cluster.shell("hdfs")
        for path, (owner, mode, directory_mode) in FILES.items():
            directory = path.rpartition("/")[0]
            must(shell("-mkdir", "-p", directory))
            must(shell("-put", "-", path, stdin=contents(path).encode()))
            must(shell("-chmod", directory_mode, directory))
            must(shell("-chmod", mode, path))
            must(shell("-chown", "-R", f"{owner}:{owner}", directory))
        # One that the credential of its data source cannot read.
        must(shell("-put", "-", CLOSED, stdin=contents(CLOSED).encode()))
        must(shell("-chmod", "600", CLOSED))
        must(shell("-chown", "dave:dave", "/home/dave"))
        must(shell("-mkdir", "-p", "/home/dave/outside"))
        must(shell("-chown", "dave:dave", "/home/dave/outside"))

    def read(self, user, path):
        """Reads a file with Hadoop's own client, in one JVM per user. Returns a Result."""
        return self.cluster.shell(user)("-cat", path)

    def apply(self, policies, *flags):
        """Puts policies in force and returns, once every data source is crawled, what `policy apply` said."""
        applied = self.sidecar.apply(self.with_keytabs(policies), *flags)
        self.sidecar.await_crawls()
        return applied

    def with_keytabs(self, policies):
        """Policies with the directory of the cluster's keytabs in them."""
        return with_keytabs(self.cluster, policies)

    def await_cover(self):
        """Returns when the NameNode goes by the service's present cover."""
        self.sidecar.await_watcher()

    def last_record(self):
        """The sequence number of the last audit record."""
        return self.sidecar.json("status")["audit"]["lastRecord"]

    def records_since(self, sequence, **filters):
        """The audit records after one, that fit the filters."""
        return [r for r in self.sidecar.audit(**filters) if r["sequence"] > sequence]

    def _down(self):
        self.sidecar.stop()
        self.cluster.down()
        self._directory.cleanup()


def with_keytabs(cluster, policies):
    """Policies with the directory of a cluster's keytabs in them."""
    return policies.replace("KEYTABS", str(cluster.layout.keytab("etl").parent))


def must(result):
    """The result of a command that has to succeed."""
    if result.returncode != 0:
        raise AssertionError(f"exit status {result.returncode}: {result.stderr}")
    return result


def eventually(condition, complaint, deadline=60):
    """Returns when a condition holds; fails with a complaint when it does not in time (seconds)."""
    if not wait_until(condition, deadline, 0.05):
        raise AssertionError(complaint)


def on_each_hadoop(case):
    """Makes of a test case a case for every Hadoop version that is to be tested.

    AUTHORIZER_HADOOP=3.3.6 restricts them to one.
    """
    return on_hadoop(*HADOOP_VERSIONS)(case)


def on_hadoop(*versions):
    """Makes of a test case a case for each of these Hadoop versions that is to be tested."""

    def make(case):
        module = sys.modules[case.__module__]
        wanted = os.environ.get("AUTHORIZER_HADOOP", " ".join(HADOOP_VERSIONS)).split()
        for version in wanted:
            if version not in versions:
                continue
            name = f"{case.__name__}_{version.replace('.', '_')}"
            made = type(name, (case,), {"hadoop": version, "__module__": case.__module__})
            setattr(module, name, made)
        # The case itself is none: it has no version.
        case.__test__ = False
        return None

    return make
