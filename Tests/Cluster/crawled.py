"""What the tests of crawls share: data sources of their own, trees, and questions as the NameNode asks them."""

import contextlib
import os
import pathlib
import tempfile
import unittest

from Service.wire import Wire

from .installation import POLICIES, Installation, Sidecar, crawler_of, eventually, with_keytabs

# Versions of Hadoop on which the tests run that take minutes.
LONG_ON = os.environ.get("AUTHORIZER_LONG_ON", "3.3.6").split()

DIRECTORIES = 300
FILES = 4
# So that a crawl of all of them takes some seconds.
SLOWLY = 60
# Files that a crawl has seen when it is said to be in its middle.
MIDDLE = 100

USERS = """\
users:
  - {name: alice, principal: alice@EXAMPLE.COM}
data-sources:
"""


def source(name, directory, keytab="KEYTABS/etl.keytab", principal="etl@EXAMPLE.COM"):
    """A data source of raw files that alice is subscribed to, as a line of policies."""
    return (
        f"  - {{name: {name}, kind: files, directories: [{directory}], subscription: {{users: [alice]}}, "
        f"credential: {{principal: {principal}, keytab: {keytab}}}}}\n"
    )


@contextlib.contextmanager
def beside(cluster, policies, **crawl):
    """A service that crawls a cluster by itself. No NameNode asks it.

    `crawl` is what `crawler_of` takes.
    """
    with tempfile.TemporaryDirectory(prefix="azc-") as directory:
        section = crawler_of(cluster, **crawl)
        with Sidecar(directory, cluster.layout.core_site, cluster.layout.krb5_conf, crawl=section) as sidecar:
            sidecar.apply(with_keytabs(cluster, USERS + policies))
            yield sidecar


def decisions(sidecar, paths, principal="alice@EXAMPLE.COM"):
    """What the service answers to a read of each path, with nothing said of permissions: a dictionary."""
    with Wire(sidecar.socket) as wire:
        return {path: wire.decide(principal, path)[0] for path in paths}


def crawlers(sidecar):
    """The process ids of the crawlers that a service runs."""
    threads = pathlib.Path(f"/proc/{sidecar.pid}/task").glob("*/children")
    return [int(pid) for children in threads for pid in children.read_text().split()]


class SlowCrawl(unittest.TestCase):
    """A crawl of /slow, with something happening in the middle."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.made_cluster()
        cls.make_tree()

    @classmethod
    def made_cluster(cls):
        return Installation.of(cls.hadoop).cluster

    @classmethod
    def make_tree(cls):
        directories = [f"/slow/d{number}" for number in range(DIRECTORIES)]
        cls.cluster.make_tree("hdfs", [
            *(("dir", path) for path in directories), ("done",), *(("files", path, FILES) for path in directories)])

    @classmethod
    def remove_tree(cls):
        cls.cluster.make_tree("hdfs", [("rm", "/slow")])

    @classmethod
    def tearDownClass(cls):
        cls.remove_tree()

    def tearDown(self):
        # A test that failed while the NameNode was away must not fail those behind it.
        if self.cluster.daemon("namenode").pid() is None:
            self.cluster.start("namenode")

    def begin(self, **crawl):
        """A service whose first crawl of /slow is in its middle."""
        self.sidecar = self.enterContext(
            beside(self.cluster, source("slow", "/slow"), **{"calls_per_second": SLOWLY, **crawl}))
        self.await_middle()
        return self.sidecar

    def await_middle(self):
        def is_in_the_middle():
            crawls = self.sidecar.json("crawl", "list")
            self.assertTrue(crawls, "it was over before its middle")
            return MIDDLE < crawls[0]["files"]

        eventually(is_in_the_middle, "the crawl does not come to its middle")

    def assert_whole(self, crawl, **expected):
        """The crawl is done, and found everything once."""
        self.assertEqual((crawl["state"], crawl.get("failure")), ("done", None), crawl)
        self.assertEqual((crawl["files"], crawl["directories"]), (DIRECTORIES * FILES, DIRECTORIES + 1))
        for name, value in expected.items():
            self.assertEqual(crawl[name], value, crawl)
        (listed,) = self.sidecar.json("datasource", "list")
        self.assertEqual((listed["files"], listed["crawlInForce"]), (DIRECTORIES * FILES, crawl["id"]), listed)
        self.assertNotIn("unhealthy", listed)

    def end(self, **deadline):
        """The only crawl, when it has ended; `deadline` is what `await_crawls` takes."""
        self.sidecar.await_crawls(**deadline)
        (crawl,) = self.sidecar.json("crawl", "history")
        return crawl


__all__ = ["LONG_ON", "POLICIES", "SlowCrawl", "beside", "crawlers", "decisions", "source"]
