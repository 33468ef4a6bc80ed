"""Data may not leave its cover by being renamed."""

import unittest

from .installation import Installation, contents, must, on_each_hadoop

NOTE = "/home/dave/notes/n1"


@on_each_hadoop
class Moves(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.cluster = self.installation.cluster
        self.dave = self.cluster.shell("dave")
        self.before = self.installation.last_record()

    def assert_stays(self, result):
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertIn("leaves-cover", result.stderr)
        self.assertEqual(must(self.cluster.shell("alice")("-cat", NOTE)).stdout, contents(NOTE))
        records = self.installation.records_since(self.before, reason="leaves-cover")
        self.assertEqual(records[-1]["operation"], "move")
        self.assertEqual(records[-1]["user"], "dave")

    def test_file_is_not_renamed_out_by_the_owner_of_its_directory(self):
        self.assert_stays(self.dave("-mv", NOTE, "/home/dave/outside/n1"))
        self.assertIn("not-subscribed", self.dave("-cat", NOTE).stderr)

    def test_file_is_not_renamed_into_an_uncovered_directory_that_exists(self):
        self.assert_stays(self.dave("-mv", NOTE, "/home/dave/outside"))

    def test_covered_directory_is_not_renamed(self):
        self.assert_stays(self.dave("-mv", "/home/dave/notes", "/home/dave/elsewhere"))

    def test_file_is_not_renamed_by_webhdfs(self):
        refused = self.cluster.webhdfs("dave", "PUT", NOTE, "RENAME", destination="/home/dave/outside/n1")
        self.assertEqual(refused.status, 403, refused.body)
        self.assertIn("leaves-cover", refused.body)

    def test_directory_above_the_cover_is_not_renamed(self):
        shell = self.cluster.shell("hdfs")
        must(shell("-mkdir", "-p", "/tmp/above"))
        must(shell("-chown", "dave:dave", "/home"))
        self.addCleanup(shell, "-chown", "hdfs:hdfs", "/home")
        self.assert_stays(self.dave("-mv", "/home/dave", "/home/moved"))

    def test_covered_file_is_not_concatenated_to_one_that_nothing_covers(self):
        """By somebody who may read it, and owns both files and their directory."""
        refused = self.cluster.webhdfs("alice", "POST", "/single/other", "CONCAT", sources="/single/covered")
        self.assertEqual(refused.status, 403, refused.body)
        self.assertIn("leaves-cover", refused.body)
        self.assertEqual(must(self.cluster.shell("alice")("-cat", "/single/covered")).stdout,
                         contents("/single/covered"))

    def test_rename_within_the_cover_asks_nobody(self):
        must(self.dave("-put", "-", "/home/dave/notes/_tmp", stdin=b"fresh"))
        questions = self.installation.sidecar.json("status")["counters"]["questions"]
        must(self.dave("-mv", "/home/dave/notes/_tmp", "/home/dave/notes/n2"))
        self.assertEqual(self.installation.sidecar.json("status")["counters"]["questions"], questions)
        must(self.dave("-rm", "/home/dave/notes/n2"))

    def test_rename_of_what_nothing_covers_is_hdfs_own(self):
        must(self.dave("-put", "-", "/home/dave/outside/a", stdin=b"x"))
        must(self.dave("-mv", "/home/dave/outside/a", "/home/dave/outside/b"))
        must(self.dave("-mv", "/home/dave/outside/b", "/home/dave/notes/in"))
        must(self.dave("-rm", "/home/dave/notes/in"))

    def test_ignored_user_may_rename_out_what_hdfs_lets(self):
        shell = self.cluster.shell("hdfs")
        must(shell("-mkdir", "-p", "/open/ledger/of-carol", "/tmp/of-carol"))
        must(shell("-chown", "carol:carol", "/open/ledger/of-carol", "/tmp/of-carol"))
        carol = self.cluster.shell("carol")
        must(carol("-put", "-", "/open/ledger/of-carol/f", stdin=b"x"))
        must(carol("-mv", "/open/ledger/of-carol/f", "/tmp/of-carol/f"))
        records = self.installation.records_since(self.before, reason="ignored-user")
        self.assertEqual(records[-1]["operation"], "move")
        must(carol("-rm", "/tmp/of-carol/f"))
