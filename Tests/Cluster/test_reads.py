"""Who sees what when they read: the table of decisions, at a real NameNode, with clients of others."""

import subprocess
import unittest

from .installation import CLOSED, Installation, contents, must, on_each_hadoop

SALES = "/secure/sales/q1.csv"
ORDERS = "/secure/orders/part-0"
REPORT = "/open/reports/r1"
LEDGER = "/open/ledger/l1"


@on_each_hadoop
class Reads(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.before = self.installation.last_record()

    def read(self, user, path):
        return self.installation.read(user, path)

    def assert_recorded(self, decision, reason, path, **fields):
        """At least one record since the start of the test, and all of that path say the same."""
        records = self.installation.records_since(self.before, path=path)
        self.assertTrue(records, f"nothing about {path} was recorded")
        for record in records:
            self.assertEqual((record["decision"], record["reason"]), (decision, reason), record)
            for name, value in fields.items():
                self.assertEqual(record.get(name), value, record)
        return records

    def assert_refused(self, result, reason, words=""):
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertEqual(result.stdout, "")
        self.assertIn(reason, result.stderr)
        self.assertIn(words, result.stderr)

    def test_subscribed_user_without_native_right_reads(self):
        self.assertEqual(must(self.read("alice", SALES)).stdout, contents(SALES))
        records = self.assert_recorded(
            "allow", "subscribed", SALES, user="alice", shortName="alice", dataSource="sales",
            principal="alice@EXAMPLE.COM", clientAddress="127.0.0.1",
        )
        self.assertEqual(records[0]["operation"], "read")

    def test_user_who_is_not_subscribed_is_refused_although_the_mode_bits_allow(self):
        result = self.read("dave", REPORT)
        self.assert_refused(result, "not-subscribed", "the-admins@example.com")
        self.assertIn("reports", result.stderr)
        self.assert_recorded("deny", "not-subscribed", REPORT, user="dave")

    def test_contact_of_the_data_source_is_named_to_the_reader(self):
        self.assert_refused(self.read("bob", SALES), "not-subscribed", "sales-team@example.com")

    def test_condition_over_groups_and_attributes_decides(self):
        self.assertEqual(must(self.read("alice", LEDGER)).stdout, contents(LEDGER))
        self.assert_refused(self.read("bob", LEDGER), "not-subscribed")

    def test_ignored_user_gets_what_the_mode_bits_say(self):
        self.assertEqual(must(self.read("carol", REPORT)).stdout, contents(REPORT))
        self.assert_recorded("native", "ignored-user", REPORT, shortName="carol")
        refused = self.read("carol", SALES)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Permission denied", refused.stderr)

    def test_principal_mapped_to_no_user_gets_what_the_mode_bits_say(self):
        self.assertEqual(must(self.read("erin", REPORT)).stdout, contents(REPORT))
        self.assert_recorded("native", "unmapped-user", REPORT, shortName="erin")
        refused = self.read("erin", SALES)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Permission denied", refused.stderr)

    def test_disabled_user_is_refused(self):
        self.assert_refused(self.read("mallory", LEDGER), "disabled-user")
        self.assert_recorded("deny", "disabled-user", LEDGER, user="mallory")

    def test_owner_of_the_data_source_gets_what_the_mode_bits_say(self):
        self.assertEqual(must(self.read("etl", SALES)).stdout, contents(SALES))
        refused = self.read("etl", CLOSED)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Permission denied", refused.stderr)
        self.assertNotIn("not-subscribed", refused.stderr)
        self.assert_recorded("native", "data-owner", SALES, user="etl")

    def test_file_that_the_data_source_cannot_read_is_given_to_nobody(self):
        refused = self.read("alice", CLOSED)
        self.assertIn("Permission denied", refused.stderr)
        self.assert_recorded("native", "not-in-catalogue", CLOSED, user="alice", dataSource="sales")

    def test_raw_file_of_a_table_is_refused_to_its_subscriber(self):
        self.assert_refused(self.read("alice", ORDERS), "raw-table-read")
        self.assert_recorded("deny", "raw-table-read", ORDERS, dataSource="orders")

    def test_unprotected_path_costs_no_question(self):
        before = self.installation.sidecar.json("status")["counters"]["questions"]
        for user in ("alice", "bob", "erin"):
            self.assertEqual(must(self.read(user, "/public/p1")).stdout, contents("/public/p1"))
            self.assertIn("Permission denied", self.read(user, "/public/private").stderr)
        after = self.installation.sidecar.json("status")["counters"]["questions"]
        self.assertEqual(after, before)
        self.assertEqual(self.installation.records_since(self.before, path="/public"), [])

    def test_every_read_is_recorded_also_one_from_the_cache(self):
        for _ in range(3):
            must(self.read("alice", SALES))
        records = self.installation.records_since(self.before, path=SALES, decision="allow")
        self.assertGreaterEqual(len(records), 3)
        self.assertTrue(records[-1]["cached"])
        self.assertIn("ageMilliseconds", records[-1])

    def test_stat_below_the_cover_is_allowed_to_subscribers_only(self):
        shell = self.installation.cluster.shell
        self.assertEqual(must(shell("alice")("-stat", "%n", SALES)).stdout.strip(), "q1.csv")
        self.assertNotEqual(shell("bob")("-stat", "%n", SALES).returncode, 0)

    def test_listing_and_writing_keep_the_rules_of_hdfs(self):
        shell = self.installation.cluster.shell("alice")
        self.assertIn("Permission denied", shell("-ls", "/secure/sales").stderr)
        self.assertIn("Permission denied", shell("-put", "-", "/secure/sales/new", stdin=b"x").stderr)
        self.assertIn("Permission denied", shell("-rm", SALES).stderr)

    def test_go_client_sees_the_same(self):
        client = self.installation.cluster.go_client
        self.assertEqual(client("alice", "cat", SALES).stdout, contents(SALES))
        refused = client("dave", "cat", REPORT)
        self.assertNotEqual(refused.returncode, 0)
        self.assertEqual(client("erin", "cat", REPORT).stdout, contents(REPORT))

    def test_rust_client_sees_the_same(self):
        client = self.installation.cluster.native_read
        self.assertEqual(client("alice", SALES).stdout, contents(SALES))
        self.assertIn("not-subscribed", client("dave", REPORT).stderr)

    def test_webhdfs_sees_the_same_and_the_client_address_is_recorded(self):
        webhdfs = self.installation.cluster.webhdfs
        allowed = webhdfs("alice", "GET", SALES, "OPEN")
        self.assertEqual((allowed.status, allowed.body), (200, contents(SALES)))
        records = self.assert_recorded("allow", "subscribed", SALES, user="alice")
        self.assertEqual({r.get("clientAddress") for r in records}, {"127.0.0.1"})
        refused = webhdfs("dave", "GET", REPORT, "OPEN")
        self.assertEqual(refused.status, 403)
        self.assertIn("not-subscribed", refused.body)

    def test_proxied_reader_is_decided_by_name_and_recorded_with_both(self):
        cluster = self.installation.cluster

        def read_as(user, path):
            command = [*cluster.hdfs_command("dfs"), "-cat", path]
            environment = dict(cluster.environment("etl"), HADOOP_PROXY_USER=user)
            return subprocess.run(command, env=environment, capture_output=True, text=True)

        self.assertEqual(must(read_as("alice", SALES)).stdout, contents(SALES))
        self.assert_recorded("allow", "subscribed", SALES, user="alice", realUser="etl@EXAMPLE.COM")
        self.assertIn("not-subscribed", read_as("dave", REPORT).stderr)

    def test_webhdfs_proxy_user_is_decided_by_name(self):
        webhdfs = self.installation.cluster.webhdfs
        allowed = webhdfs("etl", "GET", SALES, "OPEN", doas="alice")
        self.assertEqual((allowed.status, allowed.body), (200, contents(SALES)))
        self.assertEqual(webhdfs("etl", "GET", REPORT, "OPEN", doas="dave").status, 403)

    def test_webhdfs_with_a_delegation_token_sees_the_same(self):
        cluster = self.installation.cluster
        token = cluster.webhdfs_token("alice")
        allowed = cluster.webhdfs_with_token(token, "GET", SALES, "OPEN")
        self.assertEqual((allowed.status, allowed.body), (200, contents(SALES)))
        token = cluster.webhdfs_token("dave")
        refused = cluster.webhdfs_with_token(token, "GET", REPORT, "OPEN")
        self.assertEqual(refused.status, 403)
