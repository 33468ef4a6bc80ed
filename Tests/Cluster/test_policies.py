"""Projects, purposes, approvals, global policies and file rules at a real NameNode, each with its audit reason.

Whatever changes, the next read is decided by it: the tests read once after a change, and wait for nothing but the clock.
"""

import datetime
import unittest

from .installation import Installation, POLICIES, contents, eventually, must, on_each_hadoop

REPORT = "/open/reports/r1"
LEDGER = "/open/ledger/l1"
SUBSCRIPTION = "{users: [alice, bob]}"
PROJECTS = """\
purposes: [{name: fraud, about: to find fraud}]
tags: [{name: pii}, {name: secret, components: [r1]}]
projects:
  - {name: hunt, data-sources: [reports], members: {users: [bob], groups: [analysts]}, purposes: [fraud]}
  - {name: books, data-sources: [ledger], members: {users: [alice, bob]}}
"""


@on_each_hadoop
class WholePolicies(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.sidecar = self.installation.sidecar
        self.addCleanup(self.installation.apply, POLICIES, "--prune")
        self.before = self.installation.last_record()

    def change(self, *replacements, more=""):
        """Puts the installation's policies in force with other words for some."""
        text = POLICIES
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new)
        return self.installation.apply(PROJECTS + text + more, "--prune")

    def assert_read(self, user, path, reason="subscribed"):
        """One read by Hadoop's own client has this outcome, and so has its audit record."""
        result = self.installation.read(user, path)
        if reason == "subscribed":
            self.assertEqual(must(result).stdout, contents(path))
        else:
            self.assertNotEqual(result.returncode, 0, result.stdout)
            self.assertEqual(result.stdout, "")
            self.assertIn(reason, result.stderr)
        record = self.installation.records_since(self.before, path=path, user=user)[-1]
        self.assertEqual(record["reason"], reason, record)
        self.assertEqual(record["decision"], "allow" if reason == "subscribed" else "deny", record)
        version = self.sidecar.json("status")["policyVersion"]
        self.assertLessEqual(record["policyVersion"], version)
        return result

    def test_switch_of_project_counts_at_the_next_read(self):
        self.change()
        self.assert_read("alice", REPORT)
        self.sidecar.json("project", "switch", "books", "--user", "alice")
        self.assert_read("alice", REPORT, "outside-project")
        self.assert_read("alice", LEDGER)
        self.assert_read("bob", REPORT)
        self.sidecar.json("project", "switch", "hunt", "--user", "alice")
        self.assert_read("alice", REPORT)
        self.assert_read("alice", LEDGER, "outside-project")
        self.sidecar.json("project", "switch", "--none", "--user", "alice")
        self.assert_read("alice", LEDGER)

    def test_member_who_loses_the_group_is_outside_at_the_next_read(self):
        self.change()
        self.sidecar.json("project", "switch", "hunt", "--user", "alice")
        self.assert_read("alice", REPORT)
        self.change(("groups: [analysts], attributes", "attributes"))
        self.assert_read("alice", REPORT, "outside-project")

    def test_purpose_is_acknowledged_before_it_counts(self):
        self.change((f"subscription: {SUBSCRIPTION}", f"subscription: {SUBSCRIPTION}\n    purposes: [fraud]"))
        refused = self.assert_read("bob", REPORT, "purpose")
        self.assertIn("authorizer project list", refused.stderr)
        self.sidecar.json("project", "switch", "hunt", "--user", "bob")
        self.assert_read("bob", REPORT, "purpose")
        self.sidecar.json("project", "acknowledge", "hunt", "fraud", "--user", "bob")
        self.assert_read("bob", REPORT)
        self.sidecar.json("project", "acknowledge", "hunt", "fraud", "--withdraw", "--user", "bob")
        self.assert_read("bob", REPORT, "purpose")

    def test_approval_counts_from_the_next_read_until_it_is_revoked(self):
        self.change((SUBSCRIPTION, "{approval: {approvers: {users: [alice]}}}"))
        refused = self.assert_read("bob", REPORT, "not-subscribed")
        self.assertIn("authorizer subscription request", refused.stderr)
        self.sidecar.json("subscription", "request", "reports", "--user", "bob")
        self.assert_read("bob", REPORT, "not-subscribed")
        self.sidecar.json("subscription", "approve", "bob", "reports")
        self.assert_read("bob", REPORT)
        self.sidecar.json("subscription", "revoke", "bob", "reports")
        self.assert_read("bob", REPORT, "not-subscribed")

    def test_approval_that_expires_is_over_at_the_next_read(self):
        self.change((SUBSCRIPTION, "{approval: {approvers: {users: [alice]}}}"))
        self.sidecar.json("subscription", "request", "reports", "--user", "bob")
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
        until = end.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.sidecar.json("subscription", "approve", "bob", "reports", "--until", until)
        self.assert_read("bob", REPORT)
        eventually(lambda: datetime.datetime.now(datetime.timezone.utc) >= end, "the clock stands still")
        self.assert_read("bob", REPORT, "not-subscribed")

    def test_user_who_is_suspended_loses_everything_at_the_next_read(self):
        self.change()
        self.assert_read("bob", REPORT)
        self.change(("bob@EXAMPLE.COM}", "bob@EXAMPLE.COM, suspended-until: 2999-01-01T00:00:00Z}"))
        self.assert_read("bob", REPORT, "disabled-user")

    def test_global_policy_restricts_whatever_has_its_tag(self):
        tagged = (f"subscription: {SUBSCRIPTION}", f"subscription: {SUBSCRIPTION}\n    tags: [pii]")
        policy = "global-policies: [{name: analysts-only, tags: [pii], subscription: {condition: {group: analysts}}}]\n"
        self.change()
        self.assert_read("bob", REPORT)
        self.change(tagged, more=policy)
        self.assert_read("bob", REPORT, "not-subscribed")
        self.assert_read("alice", REPORT)
        self.change(more=policy)
        self.assert_read("bob", REPORT)

    def test_owners_exception_takes_a_global_policy_away(self):
        excepted = (
            f"subscription: {SUBSCRIPTION}",
            f"subscription: {SUBSCRIPTION}\n    tags: [pii]\n    exceptions: [{{policy: nobody, because: of old}}]")
        policy = "global-policies: [{name: nobody, tags: [pii], allows-exceptions: true, subscription: {users: []}}]\n"
        self.change(excepted, more=policy)
        self.assert_read("bob", REPORT)
        self.assertIn("of old", self.sidecar.run("explain", "bob@EXAMPLE.COM", "reports").stdout)

    def test_file_rule_by_tag_and_by_age_decides_single_files(self):
        rules = "\n    file-rules: [{name: %s}]"
        by_tag = rules % "no-secrets, without-tags: [secret], except: {users: [alice]}"
        self.change((f"subscription: {SUBSCRIPTION}", f"subscription: {SUBSCRIPTION}{by_tag}"))
        self.assert_read("bob", REPORT, "policy")
        self.assert_read("alice", REPORT)
        by_age = rules % "recent, date: dt, younger-than: 36500d"
        self.change((f"subscription: {SUBSCRIPTION}", f"subscription: {SUBSCRIPTION}{by_age}"))
        self.assert_read("bob", REPORT, "policy")
        path = "/open/reports/dt=2026-11-21/r2"
        superuser = self.installation.cluster.shell("hdfs")
        must(superuser("-mkdir", "-p", path.rpartition("/")[0]))
        self.addCleanup(superuser, "-rm", "-r", "-skipTrash", path.rpartition("/")[0])
        must(superuser("-put", "-", path, stdin=contents(path).encode()))
        self.assertEqual(must(self.installation.read("bob", path)).stdout, contents(path))

    def test_denied_by_two_of_three_policies_is_told_of_both(self):
        tagged = (f"subscription: {SUBSCRIPTION}", f"subscription: {SUBSCRIPTION}\n    tags: [pii]")
        self.change(tagged, more="""\
global-policies:
  - {name: analysts-only, tags: [pii], subscription: {condition: {group: analysts}}}
  - {name: germans-only, tags: [pii], subscription: {condition: {attribute: {country: DE}}}}
""")
        self.assert_read("bob", REPORT, "not-subscribed")
        words = self.sidecar.run("explain", "bob@EXAMPLE.COM", "reports").stdout
        self.assertIn("`analysts-only`", words)
        self.assertIn("`germans-only`", words)

    def test_rollback_counts_at_the_next_read(self):
        version = self.change()["version"]
        self.assert_read("bob", REPORT)
        self.change((SUBSCRIPTION, "{users: [alice]}"))
        self.assert_read("bob", REPORT, "not-subscribed")
        self.sidecar.json("policy", "rollback", str(version))
        self.assert_read("bob", REPORT)
