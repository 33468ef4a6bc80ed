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

    def test_condition_with_an_unknown_attribute(self):
        self.refuse(
            "data-sources:\n  - name: d\n    kind: files\n    directories: [/d]\n    subscription:\n"
            "      condition: {not: {attribute: {country: DE}}}\n",
            "new.yaml:6:", "data source `d`", "subscription.condition", "no attribute `country`")

    def test_circle_of_tags(self):
        self.refuse(
            "tags:\n  - {name: a, implies: [b]}\n  - {name: b, implies: [c]}\n  - {name: c, implies: [a]}\n",
            "new.yaml:2:", "tag `a`", "implies", "circle: `a` -> `b` -> `c` -> `a`")

    def refuse_table(self, part, *words):
        self.refuse(
            "attributes: [{name: country}]\ndata-sources:\n  - name: d\n    kind: table\n    directories: [/d]\n"
            "    subscription: anyone\n    columns: [{name: n, type: int}, {name: t, type: string}, {name: d, type: date}]\n"
            + part, *words)

    def test_pattern_that_does_not_compile(self):
        for pattern in ("(a", "a)", "[a", "a**", "a{2", "a\\", "(?=a)", "(?<n>a)", "\\1", "a{3,2}"):
            with self.subTest(pattern):
                self.refuse_table(
                    f"    masks: [{{name: m, columns: [t],\n      mask: {{regex: '{pattern}', replacement: x}}}}]\n",
                    "new.yaml:9:", "data source `d`", "masks", "regex")

    def test_pattern_that_hostile_data_can_keep_busy(self):
        for pattern in ("(a+)+", "(a|a)*", ".*.*x", "(.*)*", "([a-z]+)*!", "(a?){40}a{40}", "(x+x+)+y"):
            with self.subTest(pattern):
                self.refuse_table(
                    f"    masks: [{{name: m, columns: [t],\n      mask: {{regex: '{pattern}', replacement: x}}}}]\n",
                    "new.yaml:9:", "masks", "regex")

    def test_row_filter_that_is_not_one_boolean_expression(self):
        for sql in ("n", "n = 1; DROP TABLE x", "n = 1 OR", "n = 't'", "n = 1 n = 2", "SELECT TRUE", "n IN (SELECT 1)",
                    "TRUE -- x", "x = 1", "n + 1", "rand() < 1", "@groups", "n = 1)", "t IN @attribute('contry')", ""):
            with self.subTest(sql):
                self.refuse_table(
                    f"    row-filters:\n      - name: f\n        where: \"{sql}\"\n",
                    "new.yaml:10:", "data source `d`", "row-filters")

    def test_mask_that_the_column_cannot_hold(self):
        for column, mask in (("n", "{constant: x}"), ("n", "{constant: 2147483648}"), ("d", "{constant: 2026-02-30}"),
                             ("n", "hash"), ("t", "{round: 10}"), ("n", "{round: month}"), ("d", "{round: hour}"),
                             ("n", "{regex: a, replacement: b}"), ("n", "{expression: upper(t)}")):
            with self.subTest(f"{column} {mask}"):
                self.refuse_table(
                    f"    masks:\n      - name: m\n        columns: [{column}]\n        mask: {mask}\n",
                    "new.yaml:11:", "data source `d`", "masks.m.mask")

    def test_mask_of_a_column_that_is_not_there(self):
        self.refuse_table(
            "    masks: [{name: m, mask: 'null',\n      columns: [none]}]\n", "new.yaml:9:", "masks.m.columns", "`none`")

    def test_project_that_names_a_data_source_that_is_not_there(self):
        self.refuse(
            "projects:\n  - name: p\n    data-sources: [sales, slaes]\n", "new.yaml:3:", "project `p`", "data-sources",
            "no data source `slaes`; did you mean `sales`")

    def test_tags_that_imply_one_another(self):
        self.refuse(
            "tags:\n  - {name: a, implies: [b]}\n  - {name: b, implies: [c]}\n  - {name: c, implies: [a]}\n",
            "new.yaml:2:", "tag `a`", "implies", "`a` -> `b` -> `c` -> `a`; break it")

    def test_exception_from_what_does_not_allow_or_does_not_apply(self):
        self.refuse(
            "tags: [{name: pii}, {name: x}]\ndata-sources:\n  - name: d\n    kind: files\n    directories: [/d]\n"
            "    tags: [pii]\n    subscription: anyone\n    exceptions:\n      - {policy: strict, because: we like to}\n"
            "      - {policy: other, because: we like to}\n"
            "global-policies:\n  - {name: strict, tags: [pii], purposes: []}\n"
            "  - {name: other, tags: [x], allows-exceptions: true}\n",
            "new.yaml:9:", "new.yaml:10:", "allows-exceptions: true", "applies to none")

    def test_times_that_are_none(self):
        for until in ("2026-13-01T00:00:00Z", "2026-12-01", "2026-12-01T00:00:00", "2026-12-01T00:00:60Z", "tomorrow"):
            with self.subTest(until):
                self.refuse(f"users:\n  - name: x\n    suspended-until: {until}\n", "new.yaml:3:", "suspended-until")

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
        created = {(entry["action"], entry["kind"], entry["name"]) for entry in record["change"]["entries"]}
        self.assertIn(("created", "data-source", "sales"), created)

    def test_record_of_a_change_has_what_was_before_and_what_is_now(self):
        self.sidecar.apply("users: [{name: zoe, principal: zoe@EXAMPLE.COM}]\n")
        self.sidecar.apply("users: [{name: zoe, principal: zed@EXAMPLE.COM}]\n")
        self.sidecar.json("policy", "rollback", "1")
        changes = [r["change"]["entries"] for r in self.sidecar.audit() if r["kind"] == "policy-change"]
        changed, deleted = changes[-2][0], changes[-1][0]
        self.assertEqual((changed["action"], changed["kind"], changed["name"]), ("changed", "user", "zoe"))
        self.assertIn(
            {"name": "principal", "removed": ["zoe@EXAMPLE.COM"], "added": ["zed@EXAMPLE.COM"]}, changed["fields"])
        self.assertEqual((deleted["action"], deleted["name"]), ("deleted", "zoe"))
        self.assertIn({"name": "principal", "removed": ["zed@EXAMPLE.COM"], "added": []}, deleted["fields"])


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
