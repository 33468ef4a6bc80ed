"""A change of policy is in force at the next read, not when a cached decision is old enough."""

import unittest

from .installation import Installation, POLICIES, contents, must, on_each_hadoop

REPORT = "/open/reports/r1"


@on_each_hadoop
class Changes(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.sidecar = self.installation.sidecar
        self.addCleanup(self.installation.apply, POLICIES, "--prune")

    def read(self, user, path=REPORT):
        return self.installation.read(user, path)

    def change(self, old, new):
        self.assertIn(old, POLICIES)
        return self.installation.apply(POLICIES.replace(old, new))

    def test_unsubscribed_user_is_refused_at_once(self):
        must(self.read("bob"))
        must(self.read("bob"))
        applied = self.change("{users: [alice, bob]}", "{users: [alice]}")
        refused = self.read("bob")
        self.assertIn("not-subscribed", refused.stderr)
        record = self.sidecar.audit(user="bob", path=REPORT)[-1]
        self.assertEqual(record["policyVersion"], applied["version"])
        self.assertEqual(applied["inForceAt"], 1)
        self.assertEqual(applied["late"], [])

    def test_user_who_loses_a_group_is_refused_at_once(self):
        must(self.read("alice", "/open/ledger/l1"))
        self.change("groups: [analysts], attributes", "attributes")
        self.assertIn("not-subscribed", self.read("alice", "/open/ledger/l1").stderr)

    def test_disabled_user_is_refused_at_once(self):
        must(self.read("bob"))
        self.change("principal: bob@EXAMPLE.COM}", "principal: bob@EXAMPLE.COM, enabled: false}")
        self.assertIn("disabled-user", self.read("bob").stderr)

    def test_newly_covered_directory_is_protected_at_once(self):
        must(self.read("erin", "/public/p1"))
        must(self.read("bob", "/public/p1"))
        addition = """\
  - name: public
    kind: files
    directories: [/public]
    credential: {principal: hdfs/localhost@EXAMPLE.COM, keytab: KEYTABS/hdfs.keytab}
    subscription: {users: [alice]}
"""
        self.installation.apply(POLICIES + addition)
        self.assertIn("not-subscribed", self.read("bob", "/public/p1").stderr)
        self.assertEqual(must(self.read("alice", "/public/private")).stdout, contents("/public/private"))
        self.installation.apply(POLICIES, "--prune")
        must(self.read("bob", "/public/p1"))

    def test_other_decisions_stay_in_the_cache(self):
        must(self.read("alice", "/secure/sales/q1.csv"))
        must(self.read("alice", "/secure/sales/q1.csv"))
        before = self.sidecar.json("cache", "show")
        self.change("{users: [alice, bob]}", "{users: [alice]}")
        must(self.read("alice", "/secure/sales/q1.csv"))
        after = self.sidecar.json("cache", "show")
        self.assertEqual(after["evaluations"], before["evaluations"])
        self.assertGreater(after["hits"], before["hits"])

    def test_flushed_cache_is_filled_anew(self):
        must(self.read("bob"))
        self.sidecar.json("cache", "flush")
        self.assertEqual(self.sidecar.json("cache", "show")["count"], 0)
        must(self.read("bob"))
        self.assertEqual(self.sidecar.json("cache", "show")["count"], 1)

    def test_a_refused_change_leaves_everything_as_it_was(self):
        version = self.sidecar.json("status")["policyVersion"]
        self.sidecar.directory.joinpath("bad.yaml").write_text(
            self.installation.with_keytabs(POLICIES).replace("{users: [alice, bob]}", "{users: [alice, nobody]}"))
        done = self.sidecar.run("policy", "apply", str(self.sidecar.directory / "bad.yaml"))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"bad\.yaml:\d+:\d+: .*`nobody`")
        self.assertEqual(self.sidecar.json("status")["policyVersion"], version)
        must(self.read("bob"))
