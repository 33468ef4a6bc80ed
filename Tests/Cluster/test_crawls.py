"""Crawls that are interrupted, refused, cancelled, or in the way of each other; by a service of their own."""

import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from sidecar import PROGRAM

from .crawled import DIRECTORIES, FILES, LONG_ON, MIDDLE, SLOWLY, SlowCrawl, beside, crawlers, source
from .installation import Installation, class_path_of, eventually, on_each_hadoop, on_hadoop

# Calls of a crawl that is interrupted in its middle and begins anew, at least; one that goes on needs fewer.
CALLS_OF_BEGINNING_ANEW = DIRECTORIES + MIDDLE // FILES


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
        Installation.of(self.hadoop).await_cover()

    def test_tree_that_changes_while_it_is_crawled(self):
        self.begin()
        self.cluster.make_tree("hdfs", [
            *(("rm", f"/slow/d{number}") for number in range(0, DIRECTORIES, 3)),
            *(("mv", f"/slow/d{number}", f"/slow/e{number}") for number in range(1, DIRECTORIES, 3)),
            *(("file", f"/slow/d{number}/late") for number in range(2, DIRECTORIES, 3))])
        try:
            crawl = self.end()
            self.assertEqual(crawl["state"], "done")
            # Of calls, no more a second than it was told; each of its threads has one free.
            seconds = (crawl["endedAt"] - crawl["startedAt"]) / 1_000
            self.assertGreater(seconds, (crawl["calls"] - 20) / SLOWLY)
            (again,) = self.sidecar.recrawl("slow")
            left = DIRECTORIES - DIRECTORIES // 3
            self.assertEqual((again["directories"], again["files"]), (left + 1, left * FILES + DIRECTORIES // 3))
        finally:
            self.remove_tree()
            self.make_tree()

    def test_cancelled_crawl_leaves_the_catalogue_as_it_was(self):
        sidecar = self.enterContext(beside(self.cluster, source("slow", "/slow"), calls_per_second=0))
        self.sidecar = sidecar
        self.assert_whole(self.end())
        text = sidecar.configuration.read_text()
        sidecar.stop()
        sidecar.configuration.write_text(text.replace('"calls-per-second": 0', f'"calls-per-second": {SLOWLY}'))
        sidecar.start()
        (running,) = sidecar.json("recrawl", "slow")
        self.await_middle()
        shown = self.shown_on_a_terminal("recrawl", "slow", "--join", "--wait")
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
        self.assert_shown(*shown)
        again = sidecar.run("crawl", "cancel", str(running["id"]))
        self.assertEqual(again.returncode, 2)
        self.assertIn("is over: cancelled", again.stderr)

    def shown_on_a_terminal(self, *words):
        """A command whose standard error is a terminal, once that shows a bar; and the terminal."""
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = subprocess.Popen(
            [PROGRAM, *words, "--socket", self.sidecar.socket], stdout=subprocess.PIPE, stderr=end, text=True)
        os.close(end)
        self.addCleanup(process.stdout.close)
        shown = b""
        while b"#" not in shown:
            shown += os.read(terminal, 1 << 16)
        return process, shown.decode()

    def assert_shown(self, process, shown):
        self.assertRegex(
            shown,
            r"\r\x1b\[Kslow: \[#+ *\] \d+ files, \d+ per second, \d+ directories to go, about [\d.]+ s left")
        self.assertIn("slow: cancelled", process.stdout.read())
        self.assertEqual(process.wait(), 1)


# Seconds that a ticket lasts where it is to end during a crawl.
LIFE = 8


# The client of Hadoop 2.7 gets no ticket within 60 seconds of the last, whatever it is told.
@on_hadoop(*LONG_ON)
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
        self.assert_whole(self.end(deadline=300), runs=1)
        self.assertGreater(len(self.tickets()), len(first), "the crawler asked for no other ticket")
        Installation.of(self.hadoop).await_cover()

    def tickets(self):
        """When the KDC gave the credential its tickets, in seconds since 1970."""
        given = re.findall(
            r"AS_REQ .* ISSUE: authtime (\d+),.* etl@EXAMPLE\.COM for krbtgt/", self.cluster.layout.log("kdc").read_text())
        return [int(time) for time in given]

    def limit_tickets(self, life):
        self.cluster.kadmin("modprinc", "-maxlife", life, "etl")


# Hadoop 2.7 has no such answer: there, a call waits for a place.
@on_hadoop("3.3.6")
class PushingBack(SlowCrawl):
    """A NameNode that takes one call and keeps one more waiting, and sends away all others."""

    THREADS = 16

    def setUp(self):
        port = self.cluster.state.ports["namenode"]
        small = {"ipc.server.handler.queue.size": "1", f"ipc.{port}.backoff.enable": "true"}
        self.cluster.restart("namenode", conf={"dfs.namenode.handler.count": "1"}, core_site=small)
        self.addCleanup(
            self.cluster.restart, "namenode", conf={"dfs.namenode.handler.count": None},
            core_site=dict.fromkeys(small))

    def test_crawl_gives_way_and_goes_on(self):
        self.sidecar = self.enterContext(
            beside(self.cluster, source("slow", "/slow"), calls_per_second=0, threads=self.THREADS))
        crawl = self.end()
        self.assert_whole(crawl, runs=1)
        log = (self.sidecar.directory / "catalogue" / "1" / "crawler.log").read_text()
        self.assertRegex(log, r"crawler: pauses for \d+ ms: .*too busy")


@on_each_hadoop
class Credentials(unittest.TestCase):
    """Data sources whose credentials are of no use: each says why, and none is crawled."""

    def setUp(self):
        self.cluster = Installation.of(self.hadoop).cluster
        self.keytabs = self.cluster.layout.keytab("etl").parent

    def test_each_is_unhealthy_in_the_words_of_who_refused_it(self):
        cluster = self.cluster
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
        with beside(self.cluster, policies, at_once=4) as sidecar:
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
