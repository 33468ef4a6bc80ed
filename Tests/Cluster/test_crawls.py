"""Crawls that are interrupted, refused, cancelled, or in the way of each other; by a service of their own."""

import os
import pathlib
import re
import shutil
import signal
import tempfile
import time
import unittest

from .crawled import beside, crawlers, source
from .installation import Installation, class_path_of, eventually, on_each_hadoop, on_hadoop

DIRECTORIES = 300
FILES = 4
# So that a crawl of all of them takes some seconds.
SLOWLY = 60
# Files that a crawl has seen when it is said to be in its middle.
MIDDLE = 100
# Calls of a crawl that is interrupted there and begins anew, at least; one that goes on needs fewer.
CALLS_OF_BEGINNING_ANEW = DIRECTORIES + MIDDLE // FILES


class SlowCrawl(unittest.TestCase):
    """A crawl of /slow, with something happening in the middle."""

    @classmethod
    def setUpClass(cls):
        cls.installation = Installation.of(cls.hadoop)
        cls.cluster = cls.installation.cluster
        directories = [f"/slow/d{number}" for number in range(DIRECTORIES)]
        cls.cluster.make_tree("hdfs", [
            *(("dir", path) for path in directories), ("done",), *(("files", path, FILES) for path in directories)])

    @classmethod
    def tearDownClass(cls):
        cls.cluster.make_tree("hdfs", [("rm", "/slow")])

    def tearDown(self):
        # A test that failed while the NameNode was away must not fail those behind it.
        if self.cluster.daemon("namenode").pid() is None:
            self.cluster.start("namenode")

    def begin(self, **crawl):
        """A service whose first crawl of /slow is in its middle."""
        self.sidecar = self.enterContext(
            beside(self.installation, source("slow", "/slow"), **{"calls_per_second": SLOWLY, **crawl}))
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

    def end(self):
        """The only crawl, when it has ended."""
        self.sidecar.await_crawls()
        (crawl,) = self.sidecar.json("crawl", "history")
        return crawl


@on_each_hadoop
class Interruptions(SlowCrawl):
    def test_crawler_that_is_killed_is_started_again_where_it_was(self):
        self.begin()
        (crawler,) = crawlers(self.sidecar)
        os.kill(crawler, signal.SIGKILL)
        crawl = self.end()
        self.assert_whole(crawl, runs=2)
        # What was listed is not listed again, but for what was under way.
        self.assertLess(crawl["calls"], CALLS_OF_BEGINNING_ANEW)
        self.assertIn("interrupted", self.sidecar.run("crawl", "show", str(crawl["id"])).stdout)

    def test_crawler_that_is_always_killed_fails_the_crawl_and_says_how(self):
        self.begin()
        killed = set()
        while len(killed) < 3:
            eventually(lambda: set(crawlers(self.sidecar)) - killed, "no crawler was started")
            (crawler,) = set(crawlers(self.sidecar)) - killed
            os.kill(crawler, signal.SIGKILL)
            killed.add(crawler)
        crawl = self.end()
        self.assertEqual((crawl["state"], crawl["runs"]), ("failed", 3), crawl)
        self.assertIn("signal 9 ended it", crawl["failure"]["message"])
        (listed,) = self.sidecar.json("datasource", "list")
        self.assertIn("signal 9", listed["unhealthy"])
        self.assertNotIn("crawlInForce", listed)
        self.assertEqual(self.sidecar.json("status")["crawls"]["unhealthy"], ["slow"])

    def test_killed_service_goes_on_where_it_was(self):
        self.begin()
        (crawler,) = crawlers(self.sidecar)
        self.sidecar.kill()
        eventually(lambda: not pathlib.Path(f"/proc/{crawler}").exists(), "the crawler outlives its service")
        self.sidecar.start()
        crawl = self.end()
        self.assert_whole(crawl, id=1, cause="registered", runs=2)
        # Those of the run that was killed with the service are not known: these are of the one that went on.
        self.assertLess(crawl["calls"], DIRECTORIES)

    def test_stopped_service_goes_on_where_it_was(self):
        self.begin()
        (crawler,) = crawlers(self.sidecar)
        self.assertEqual(self.sidecar.stop(), 0)
        eventually(lambda: not pathlib.Path(f"/proc/{crawler}").exists(), "the crawler outlives its service")
        self.sidecar.start()
        crawl = self.end()
        self.assert_whole(crawl, id=1, runs=2)
        self.assertLess(crawl["calls"], CALLS_OF_BEGINNING_ANEW)

    def test_restarted_namenode_is_waited_for(self):
        self.begin()
        self.cluster.kill("namenode")

        def says_so():
            crawls = self.sidecar.json("crawl", "list")
            return crawls and "cannot list" in crawls[0].get("trouble", "") and crawls[0]["pace"] < 1000

        eventually(says_so, "the crawl does not say what it waits for")
        self.cluster.start("namenode")
        self.assert_whole(self.end(), runs=1)
        self.installation.await_cover()

    def test_tree_that_changes_while_it_is_crawled(self):
        self.begin()
        self.cluster.make_tree("hdfs", [
            *(("rm", f"/slow/d{number}") for number in range(0, DIRECTORIES, 3)),
            *(("mv", f"/slow/d{number}", f"/slow/e{number}") for number in range(1, DIRECTORIES, 3)),
            *(("file", f"/slow/d{number}/late") for number in range(2, DIRECTORIES, 3))])
        try:
            self.assertEqual(self.end()["state"], "done")
            (again,) = self.sidecar.recrawl("slow")
            left = DIRECTORIES - DIRECTORIES // 3
            self.assertEqual((again["directories"], again["files"]), (left + 1, left * FILES + DIRECTORIES // 3))
        finally:
            self.tearDownClass()
            self.setUpClass()

    def test_cancelled_crawl_leaves_the_catalogue_as_it_was(self):
        sidecar = self.enterContext(beside(self.installation, source("slow", "/slow"), calls_per_second=0))
        self.sidecar = sidecar
        self.assert_whole(self.end())
        text = sidecar.configuration.read_text()
        sidecar.stop()
        sidecar.configuration.write_text(text.replace('"calls-per-second": 0', f'"calls-per-second": {SLOWLY}'))
        sidecar.start()
        (running,) = sidecar.json("recrawl", "slow")
        self.await_middle()
        # One joins what runs, one queues behind it, and one more joins that.
        self.assertEqual(sidecar.json("recrawl", "slow", "--join")[0]["id"], running["id"])
        (behind,) = sidecar.json("recrawl", "slow")
        self.assertEqual(sidecar.json("recrawl", "slow")[0]["id"], behind["id"])
        self.assertEqual([c["state"] for c in sidecar.json("crawl", "list")], ["running", "queued"])
        for crawl in (behind, running):
            sidecar.json("crawl", "cancel", str(crawl["id"]))
        sidecar.await_crawls()
        self.assertEqual([c["state"] for c in sidecar.json("crawl", "history")], ["cancelled", "cancelled", "done"])
        (listed,) = sidecar.json("datasource", "list")
        self.assertEqual((listed["crawlInForce"], listed["files"]), (1, DIRECTORIES * FILES))
        again = sidecar.run("crawl", "cancel", str(running["id"]))
        self.assertEqual(again.returncode, 2)
        self.assertIn("is over: cancelled", again.stderr)


# Seconds that a ticket lasts where it is to end during a crawl.
LIFE = 8


# The client of Hadoop 2.7 gets no ticket within 60 seconds of the last, whatever it is told: too long to wait for here.
@on_hadoop("3.3.6")
class Tickets(SlowCrawl):
    def test_ticket_that_ends_is_replaced(self):
        self.limit_tickets(f"{LIFE} seconds")
        self.addCleanup(self.limit_tickets, "1 day")
        # Hadoop's client gets no ticket within 60 seconds of the last, unless it is told to.
        layout = self.cluster.layout
        conf = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="azk-")))
        shutil.copytree(layout.conf, conf, dirs_exist_ok=True)
        site = layout.core_site.read_text()
        soon = "<property><name>hadoop.kerberos.min.seconds.before.relogin</name><value>1</value></property>"
        (conf / "core-site.xml").write_text(site.replace("</configuration>", f"{soon}</configuration>"))
        class_path = [conf, *class_path_of(self.cluster.state.hadoop)]
        self.begin(hadoop_class_path=":".join(map(str, class_path)), calls_per_second=SLOWLY // 4)
        first = self.tickets()
        # A second more, since both are whole seconds.
        eventually(lambda: time.time() > first[-1] + LIFE + 1, "the ticket does not end")
        self.assertTrue(self.sidecar.json("crawl", "list"), "the crawl was over before its ticket")
        # The client asks for a ticket only when it connects.
        self.cluster.restart("namenode")
        self.assert_whole(self.end(), runs=1)
        self.assertGreater(len(self.tickets()), len(first), "the crawler asked for no other ticket")
        self.installation.await_cover()

    def tickets(self):
        """When the KDC gave the credential its tickets, in seconds since 1970."""
        given = re.findall(
            r"AS_REQ .* ISSUE: authtime (\d+),.* etl@EXAMPLE\.COM for krbtgt/", self.cluster.layout.log("kdc").read_text())
        return [int(time) for time in given]

    def limit_tickets(self, life):
        self.cluster.kadmin("modprinc", "-maxlife", life, "etl")


@on_each_hadoop
class Credentials(unittest.TestCase):
    """Data sources whose credentials are of no use: each says why, and none is crawled."""

    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.keytabs = self.installation.cluster.layout.keytab("etl").parent

    def test_each_is_unhealthy_in_the_words_of_who_refused_it(self):
        cluster = self.installation.cluster
        open_to_others = self.keytabs / "open.keytab"
        shutil.copy(self.keytabs / "etl.keytab", open_to_others)
        open_to_others.chmod(0o640)
        self.addCleanup(open_to_others.unlink)
        garbage = self.keytabs / "garbage.keytab"
        garbage.write_bytes(b"\x05\x02 no keytab")
        garbage.chmod(0o400)
        self.addCleanup(garbage.unlink)
        ghost, changed = self.keytabs / "ghost.keytab", self.keytabs / "changed.keytab"
        for name, keytab in (("ghost", ghost), ("changed", changed)):
            cluster.kadmin("addprinc", "-randkey", name)
            cluster.kadmin("ktadd", "-k", str(keytab), name)
            self.addCleanup(keytab.unlink)
        cluster.kadmin("delprinc", "-force", "ghost")
        cluster.kadmin("cpw", "-randkey", "changed")
        self.addCleanup(cluster.kadmin, "delprinc", "-force", "changed")
        cases = {
            "open": ("etl", open_to_others, "can be used by others"),
            "missing": ("etl", self.keytabs / "none.keytab", "No such file or directory"),
            "garbage": ("etl", garbage, "no key of this principal"),
            "others": ("alice", self.keytabs / "etl.keytab", "no key of this principal"),
            "ghost": ("ghost", ghost, "Client not found in Kerberos database"),
            "changed": ("changed", changed, "Checksum failed"),
        }
        policies = "".join(
            source(name, f"/cases/{name}", keytab, f"{principal}@EXAMPLE.COM")
            for name, (principal, keytab, _) in cases.items())
        with beside(self.installation, policies, at_once=4) as sidecar:
            sidecar.await_crawls()
            found = {s["name"]: s for s in sidecar.json("datasource", "list")}
            self.assertEqual(set(found), set(cases))
            for name, (_, _, words) in cases.items():
                with self.subTest(name):
                    self.assertIn(words, found[name]["unhealthy"])
                    self.assertNotIn("crawlInForce", found[name])
                    self.assertIn("nextDue", found[name])
            self.assertEqual(set(sidecar.json("status")["crawls"]["unhealthy"]), set(cases))
            failed = sidecar.run("recrawl", "open", "--wait")
            self.assertEqual(failed.returncode, 1)
            self.assertIn("can be used by others", failed.stdout + failed.stderr)
            # Mended, it is healthy.
            open_to_others.chmod(0o400)
            cluster.make_tree("hdfs", [("file", "/cases/open/f")])
            (crawl,) = sidecar.recrawl("open")
            self.assertEqual((crawl["state"], crawl["files"]), ("done", 1))
            self.assertNotIn("open", sidecar.json("status")["crawls"]["unhealthy"])
