"""Policies from files: what is refused is refused as a whole, with file, line and field."""

import json

from .fixture import POLICIES, ServiceTest
from .wire import Wire


class Refusals(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start()

    def refuse(self, content, *words):
        file = self.directory / "new.yaml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        before = self.sidecar.json("policy", "export")
        done = self.sidecar.run("policy", "apply", str(file))
        self.assertEqual(done.returncode, 2, done)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.sidecar.json("policy", "export"), before)
        self.assertEqual(self.sidecar.json("status")["policyVersion"], 1)

    def test_unknown_field(self):
        self.refuse("users:\n  - name: x\n    princpal: x@R\n", "new.yaml:3:5", "princpal", "did you mean `principal`")

    def test_duplicate_user(self):
        self.refuse("users:\n  - name: x\n  - name: x\n", "new.yaml:3:", "`x`")

    def test_relative_path(self):
        self.refuse(
            "data-sources:\n  - {name: d, kind: files, directories: [data], subscription: anyone}\n",
            "new.yaml:2:", "directories", "`data`")

    def test_two_data_sources_on_one_directory(self):
        self.refuse(
            "data-sources:\n  - {name: d, kind: files, directories: [/data/sales], subscription: anyone}\n",
            "new.yaml:2:", "/data/sales", "`sales`", "stored")

    def test_two_users_with_one_principal(self):
        self.refuse("users:\n  - {name: x, principal: alice@EXAMPLE.COM}\n", "new.yaml:2:", "alice", "stored")

    def test_invalid_utf8(self):
        self.refuse(b"users:\n  - name: \xff\n", "new.yaml:2:", "UTF-8")

    def test_file_of_100_mb(self):
        file = self.directory / "big.yaml"
        with open(file, "wb") as big:
            big.truncate(100 << 20)
        done = self.sidecar.run("policy", "apply", str(file))
        self.assertEqual(done.returncode, 2)
        self.assertIn("big.yaml", done.stderr)
        self.assertIn("16", done.stderr)

    def test_several_problems_in_several_files(self):
        (self.directory / "p").mkdir()
        (self.directory / "p" / "a.yaml").write_text("users:\n  - nme: x\n")
        (self.directory / "p" / "b.yaml").write_text("groups:\n  - name: ''\n")
        done = self.sidecar.run("policy", "apply", str(self.directory / "p"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("a.yaml:2", done.stderr)
        self.assertIn("b.yaml:2", done.stderr)

    def test_path_that_is_not_there(self):
        done = self.sidecar.run("policy", "apply", str(self.directory / "none.yaml"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("none.yaml", done.stderr)


class Applying(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start()

    def test_dry_run_changes_nothing(self):
        text = POLICIES.replace("{groups: [analysts]}", "anyone").replace("name: bob,", "name: robert,")
        applied = self.sidecar.apply(text, "--prune", "--dry-run")
        actions = {(e["action"], e["name"]) for e in applied["change"]["entries"]}
        self.assertEqual(actions, {("changed", "sales"), ("created", "robert"), ("deleted", "bob")})
        self.assertEqual(self.sidecar.json("status")["policyVersion"], 1)

    def test_applying_an_export_changes_nothing(self):
        exported = self.sidecar.json("policy", "export")
        applied = self.sidecar.apply(exported, "--prune")
        self.assertEqual(applied["change"]["entries"], [])
        self.assertEqual(applied["version"], 1)

    def test_without_prune_nothing_is_deleted(self):
        self.sidecar.apply("users: [{name: zoe}]\n")
        self.assertIn("alice", self.sidecar.json("policy", "export"))

    def test_history_says_who(self):
        self.sidecar.apply("users: [{name: zoe}]\n")
        versions = self.sidecar.json("policy", "history")
        self.assertEqual([v["version"] for v in versions], [2, 1])
        self.assertEqual(versions[0]["actor"], "root")

    def test_change_is_recorded_in_the_audit(self):
        record = [r for r in self.sidecar.audit() if r["kind"] == "policy-change"][0]
        self.assertEqual(record["principal"], "root")
        self.assertIn("sales", record["detail"])


class Checking(ServiceTest):
    def test_check_explains_every_rule_and_its_status_says_the_decision(self):
        self.start()
        done = self.sidecar.run("check", "bob@EXAMPLE.COM", "/data/sales/f", "--json")
        self.assertEqual(done.returncode, 3)
        result = json.loads(done.stdout)
        self.assertEqual((result["decision"], result["reason"]), ("deny", "not-subscribed"))
        self.assertEqual([s["rule"] for s in result["steps"]], list(range(1, 11)))
        self.assertIn("sales", result["message"])
        allowed = self.sidecar.run("check", "alice@EXAMPLE.COM", "/data/sales/f")
        self.assertEqual(allowed.returncode, 0)
        self.assertIn("allow: subscribed", allowed.stdout)
        # A check is no read.
        self.assertEqual(self.sidecar.audit(path="/data/sales"), [])

    def test_no_service(self):
        done = self.sidecar.run("status")
        self.assertEqual(done.returncode, 69)
        self.assertIn("authorizer serve", done.stderr)

    def test_callers_without_a_realm_are_known_by_their_short_name(self):
        self.start()
        with Wire(self.sidecar.socket) as connection:
            self.assertEqual(connection.decide("alice", "/data/sales/f")[0], "allow")
            self.assertEqual(connection.decide("hive", "/data/sales/f")[:2], ("native", 3))
            self.assertEqual(connection.decide("alice@OTHER.COM", "/data/sales/f")[0], "deny")
