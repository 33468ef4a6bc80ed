"""Ways round a denial: each is tried by somebody whom the mode bits would let through."""

import re
import unittest

from .installation import Installation, contents, must, on_each_hadoop

REPORT = "/open/reports/r1"


@on_each_hadoop
class Detours(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.cluster = self.installation.cluster
        self.superuser = self.cluster.shell("hdfs")
        self.dave = self.cluster.shell("dave")

    def assert_refused(self, result, reason="not-subscribed"):
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertIn(reason, result.stderr)

    def test_snapshot(self):
        must(self.superuser("-allowSnapshot", "/open", tool="dfsadmin"))
        must(self.superuser("-createSnapshot", "/open", "s1"))
        self.addCleanup(self.superuser, "-disallowSnapshot", "/open", tool="dfsadmin")
        self.addCleanup(self.superuser, "-deleteSnapshot", "/open", "s1")
        path = "/open/.snapshot/s1/reports/r1"
        self.assert_refused(self.dave("-cat", path))
        self.assertEqual(must(self.cluster.shell("bob")("-cat", path)).stdout, contents(REPORT))

    def test_snapshot_of_the_covered_directory_itself(self):
        must(self.superuser("-allowSnapshot", "/open/reports", tool="dfsadmin"))
        must(self.superuser("-createSnapshot", "/open/reports", "s1"))
        self.addCleanup(self.superuser, "-disallowSnapshot", "/open/reports", tool="dfsadmin")
        self.addCleanup(self.superuser, "-deleteSnapshot", "/open/reports", "s1")
        self.assert_refused(self.dave("-cat", "/open/reports/.snapshot/s1/r1"))
        detail = self.installation.sidecar.audit(user="dave", path=REPORT)[-1]["detail"]
        self.assertEqual(detail, "/open/reports/.snapshot/s1/r1")

    def test_inode_path(self):
        status = self.cluster.webhdfs("dave", "GET", REPORT, "GETFILESTATUS").json()
        inode = status["FileStatus"]["fileId"]
        self.assert_refused(self.dave("-cat", f"/.reserved/.inodes/{inode}"))

    def test_doubled_slashes(self):
        address = self.cluster.namenode_address
        self.assert_refused(self.dave("-cat", f"hdfs://{address}//open///reports//r1"))
        refused = self.cluster.webhdfs("dave", "GET", "/open//reports/r1", "OPEN")
        self.assertIn(refused.status, (400, 403), refused.body)

    def test_checksum(self):
        self.assert_refused(self.dave("-checksum", REPORT))

    def test_other_ways_to_print(self):
        for command in (["-text", REPORT], ["-tail", REPORT], ["-get", REPORT, str(self.installation.sidecar.directory / "got")],
                        ["-cp", REPORT, "/user/dave/copy"]):
            with self.subTest(command=command[0]):
                self.assert_refused(self.dave(*command))

    def test_webhdfs_checksum(self):
        refused = self.cluster.webhdfs("dave", "GET", REPORT, "GETFILECHECKSUM")
        self.assertEqual(refused.status, 403, refused.body)

    def test_go_client(self):
        for command in ("cat", "tail", "checksum"):
            with self.subTest(command=command):
                done = self.cluster.go_client("dave", command, REPORT)
                self.assertNotEqual(done.returncode, 0, done.stdout)
                self.assertIsNone(re.search("this is", done.stdout))
