"""Versions of the policies: what was when, and the way back; and administrators who apply at once."""

import concurrent.futures

from .fixture import POLICIES, ServiceTest


class History(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start()
        self.sidecar.apply("users: [{name: zoe}]\n")
        self.sidecar.apply(POLICIES, "--prune")

    def test_history_says_when_who_and_what(self):
        versions = self.sidecar.json("policy", "history")
        self.assertEqual([v["version"] for v in versions], [3, 2, 1])
        self.assertEqual([v["what"] for v in versions], ["policy apply --prune", "policy apply", "policy apply"])
        self.assertEqual(versions[0]["changes"], ["- user `zoe`"])
        self.assertEqual([v["version"] for v in self.sidecar.json("policy", "history", "--limit", "1")], [3])
        words = self.sidecar.run("policy", "history").stdout
        self.assertIn("root", words)
        self.assertIn("- user `zoe`", words)

    def difference(self, one, other):
        change = self.sidecar.json("policy", "diff", str(one), str(other))
        return {(e["action"], e["name"]) for e in change["entries"]}

    def test_diff_between_any_two_versions(self):
        self.assertEqual(self.difference(1, 2), {("created", "zoe")})
        self.assertEqual(self.difference(2, 1), {("deleted", "zoe")})
        self.assertEqual(self.difference(1, 3), set())
        self.assertIn(("deleted", "sales"), self.difference(3, 0))
        self.assertIn(("created", "sales"), self.difference(0, 1))
        done = self.sidecar.run("policy", "diff", "1", "4")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no version 4", done.stderr)

    def test_rollback_is_a_new_version_in_force_at_once(self):
        self.sidecar.apply("users: [{name: alice, principal: alice@EXAMPLE.COM, enabled: false}]\n")
        self.assertEqual(self.decide("alice@EXAMPLE.COM", "/data/sales/f"), ("deny", "disabled-user"))
        before = self.sidecar.json("policy", "export")
        dry = self.sidecar.json("policy", "rollback", "1", "--dry-run")
        self.assertEqual((dry["version"], self.sidecar.json("policy", "export")), (4, before))
        done = self.sidecar.json("policy", "rollback", "1")
        self.assertEqual(done["version"], 5)
        self.assertEqual(self.decide("alice@EXAMPLE.COM", "/data/sales/f"), ("allow", "subscribed"))
        self.assertEqual(self.sidecar.json("policy", "history")[0]["what"], "policy rollback 1")
        self.sidecar.json("policy", "rollback", "0")
        self.assertEqual(self.sidecar.json("policy", "export"), "")
        self.sidecar.json("policy", "rollback", "4")
        self.assertEqual(self.sidecar.json("policy", "export"), before)

    def test_rollback_to_no_version(self):
        done = self.sidecar.run("policy", "rollback", "9")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no version 9", done.stderr)

    def test_rollback_to_where_one_is_changes_nothing(self):
        self.assertEqual(self.sidecar.json("policy", "rollback", "1")["version"], 3)

    def test_rollback_leaves_what_users_did(self):
        self.sidecar.apply(
            "data-sources: [{name: asked, kind: files, directories: [/asked], "
            "subscription: {approval: {approvers: {users: [alice]}}}}]\n")
        self.sidecar.json("subscription", "request", "asked", "--user", "bob")
        self.sidecar.json("subscription", "approve", "bob", "asked")
        self.assertEqual(self.decide("bob@EXAMPLE.COM", "/asked/f")[0], "allow")
        self.sidecar.apply("users: [{name: zoe}]\n")
        self.sidecar.json("policy", "rollback", "4")
        self.assertEqual(self.decide("bob@EXAMPLE.COM", "/asked/f")[0], "allow")


class Concurrency(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start()

    def test_second_of_two_administrators_is_told_who_was_first_and_what_changed(self):
        self.sidecar.apply("users: [{name: zoe}]\n", "--expect-version", "1")
        file = self.directory / "late.yaml"
        file.write_text("users: [{name: yan}]\n")
        done = self.sidecar.run("policy", "apply", str(file), "--expect-version", "1")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("somebody else was first: 2 by root", done.stderr)
        self.assertNotIn("yan", self.sidecar.json("policy", "export"))
        self.sidecar.apply("users: [{name: yan}]\n", "--expect-version", "2")

    def test_what_users_do_is_no_other_administrators_change(self):
        self.sidecar.apply("projects: [{name: p, members: {users: [bob]}}]\n")
        self.sidecar.json("project", "switch", "p", "--user", "bob")
        self.assertEqual(self.sidecar.apply("users: [{name: zoe}]\n", "--expect-version", "2")["version"], 4)

    def test_many_at_once_are_served_one_after_the_other_and_nothing_is_lost(self):
        def create(number):
            file = self.directory / f"{number}.yaml"
            file.write_text(f"users: [{{name: user{number}}}]\n")
            return self.sidecar.json("policy", "apply", str(file))["version"]

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            versions = sorted(pool.map(create, range(24)))
        self.assertEqual(versions, list(range(2, 26)))
        exported = self.sidecar.json("policy", "export")
        self.assertEqual([n for n in range(24) if f"user{n}\n" not in exported], [])

    def test_of_many_who_expect_one_version_one_is_first(self):
        def create(number):
            file = self.directory / f"{number}.yaml"
            file.write_text(f"users: [{{name: user{number}}}]\n")
            return self.sidecar.run("policy", "apply", str(file), "--expect-version", "1").returncode

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = sorted(pool.map(create, range(4)))
        self.assertEqual(statuses, [0, 1, 1, 1])
        self.assertEqual(self.sidecar.json("status")["policyVersion"], 2)
