"""Crawls through other configurations of Hadoop's client, and to a catalogue on a disk that is full."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from .crawled import beside, decisions, source
from .installation import Installation, class_path_of, on_each_hadoop, on_hadoop

FILES = 3


def with_configuration(test, cluster, site):
    """The class path of the crawler with another core-site.xml: `site` makes it of the cluster's."""
    layout = cluster.layout
    conf = pathlib.Path(test.enterContext(tempfile.TemporaryDirectory(prefix="azk-")))
    shutil.copytree(layout.conf, conf, dirs_exist_ok=True)
    (conf / "core-site.xml").write_text(site(layout.core_site.read_text()))
    return ":".join(map(str, [conf, *class_path_of(cluster.state.hadoop)]))


def properties(**values):
    """Properties of Hadoop's configuration, as XML; `__` stands for a dot."""
    return "".join(
        f"<property><name>{name.replace('__', '.')}</name><value>{value}</value></property>"
        for name, value in values.items())


def in_place_of_default(site, default, more):
    """A core-site.xml with another fs.defaultFS and more properties."""
    changed, count = re.subn(
        r"(<name>fs\.defaultFS</name>\s*<value>)[^<]*", lambda found: found.group(1) + default, site)
    assert count == 1, site
    return changed.replace("</configuration>", f"{more}</configuration>")


@on_each_hadoop
class Clients(unittest.TestCase):
    """A crawl goes the way that Hadoop's client is told to go."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Installation.of(cls.hadoop).cluster
        cls.cluster.make_tree("hdfs", [
            ("dir", "/places/a"), ("dir", "/places/b"), ("done",), ("files", "/places/a", FILES),
            ("files", "/places/b", FILES)])

    @classmethod
    def tearDownClass(cls):
        cls.cluster.make_tree("hdfs", [("rm", "/places")])

    def assert_crawled(self, site):
        class_path = with_configuration(self, self.cluster, site)
        sidecar = self.enterContext(
            beside(self.cluster, source("places", "/places"), hadoop_class_path=class_path))
        sidecar.await_crawls()
        (crawl,) = sidecar.json("crawl", "history")
        self.assertEqual((crawl["state"], crawl.get("failure")), ("done", None), crawl)
        self.assertEqual((crawl["files"], crawl["readable"], crawl["runs"]), (2 * FILES, 2 * FILES, 1), crawl)
        paths = [f"/places/{directory}/f{number}" for directory in "ab" for number in range(FILES)]
        self.assertEqual(set(decisions(sidecar, paths).values()), {"allow"}, paths)

    def test_mount_table(self):
        def site(text):
            return in_place_of_default(text, "viewfs://together", properties(**{
                "fs__viewfs__mounttable__together__link__/places":
                    f"hdfs://{self.cluster.namenode_address}/places"}))

        self.assert_crawled(site)

    def test_name_service_whose_first_namenode_is_down(self):
        def site(text):
            gone = "127.0.0.1:1"
            return in_place_of_default(text, "hdfs://ha", properties(**{
                "dfs__nameservices": "ha",
                "dfs__ha__namenodes__ha": "first,second",
                "dfs__namenode__rpc-address__ha__first": gone,
                "dfs__namenode__rpc-address__ha__second": self.cluster.namenode_address,
                "dfs__client__failover__proxy__provider__ha":
                    "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
            }))

        self.assert_crawled(site)


@on_hadoop("3.3.6")
class FullDisk(unittest.TestCase):
    """What is in force stays in force while there is no room for another catalogue, wherever in a crawl it ends."""

    FEW, MANY = 20, 12_000
    # Bytes between one amount of room and the next that is tried.
    STEP = 150_000

    def setUp(self):
        self.cluster = Installation.of(self.hadoop).cluster
        self.cluster.make_tree("hdfs", [("dir", "/full/old"), ("done",), ("files", "/full/old", self.FEW)])
        self.addCleanup(self.cluster.make_tree, "hdfs", [("rm", "/full")])
        self.disk = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="azd-")))
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk], check=True)
        self.sidecar = self.enterContext(
            beside(self.cluster, source("full", "/full"), directory=str(self.disk / "catalogue")))
        self.sidecar.await_crawls()

    def test_catalogue_stays_until_there_is_room_for_a_part(self):
        self.add("/full/new")
        self.sweep(["full", "--path", "/full/new"])
        self.assert_in_force(1, ["/full/old/f0", "/full/new/f0"])

    def test_catalogue_stays_until_there_is_room_for_another(self):
        self.add("/full/new")
        crawl = self.sweep(["full"])
        self.assertEqual(crawl["files"], self.FEW + self.MANY, crawl)
        self.assert_in_force(crawl["id"], ["/full/old/f0", "/full/new/f0"])

    def add(self, directory):
        self.cluster.make_tree("hdfs", [("dir", directory), ("done",), ("files", directory, self.MANY)])

    def sweep(self, words):
        """Crawls again and again, with a bit more room each time, until that is enough. Returns the last crawl."""
        failures = 0
        filler = self.disk / "filler"
        for room in range(0, 8 << 20, self.STEP):
            filler.write_bytes(b"x" * (shutil.disk_usage(self.disk).free - room))
            said = self.sidecar.run("recrawl", *words, "--wait")
            filler.unlink()
            last = max(self.sidecar.json("crawl", "history"), key=lambda crawl: crawl["id"])
            if said.returncode == 0:
                self.assertEqual(last["state"], "done", last)
                self.assertGreater(failures, 2, "the disk was too large for the test")
                self.assertNotIn("unhealthy", self.source())
                return last
            failures += 1
            self.assertIn("free some space", said.stdout + said.stderr, room)
            self.assert_in_force(1, ["/full/old/f0"])
            # A restart finds what is in force, and nothing that is left over.
            self.sidecar.stop()
            self.sidecar.start()
            self.assert_in_force(1, ["/full/old/f0"])
            left = [file.name for file in (self.disk / "catalogue" / "1").glob("crawl-*.sqlite")]
            self.assertEqual(left, ["crawl-1.sqlite"], room)
        self.fail("it failed with all the room that there is")

    def source(self):
        (listed,) = self.sidecar.json("datasource", "list")
        return listed

    def assert_in_force(self, crawl, paths):
        self.assertEqual(self.source().get("crawlInForce"), crawl)
        self.assertEqual(decisions(self.sidecar, paths), dict.fromkeys(paths, "allow"))
