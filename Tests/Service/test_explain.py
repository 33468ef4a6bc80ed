"""Why: `explain`, `check` and `who-can-read`, in words fit to send on and as JSON."""

import json

from .fixture import ServiceTest

POLICIES = """\
groups: [{name: analysts}, {name: stewards}]
attributes: [{name: country}]
purposes: [{name: fraud}]
tags:
  - {name: pii}
  - {name: secret, implies: [pii], components: [vault]}
users:
  - {name: ann, principal: ann@EXAMPLE.COM, groups: [analysts], attributes: {country: [DE, FR]}}
  - {name: bob, principal: bob@EXAMPLE.COM, attributes: {country: "it's"}}
  - {name: off, principal: off@EXAMPLE.COM, groups: [analysts, stewards], attributes: {country: DE}, enabled: false}
  - {name: etl, principal: etl@EXAMPLE.COM}
ignored-users: [hive]
data-sources:
  - name: events
    kind: files
    directories: [/events]
    credential: {principal: etl@EXAMPLE.COM}
    tags: [secret]
    subscription: {groups: [analysts]}
    exceptions: [{policy: a-odd, because: the owner agreed with security}]
    file-rules:
      - {name: recent, date: dt, younger-than: 36500d, except: {groups: [stewards]}}
      - {name: no-vault, without-tags: [pii], except: {groups: [analysts]}}
  - name: sales
    kind: table
    directories: [/sales]
    subscription: anyone
    columns:
      - {name: region, type: string}
      - {name: buyer, type: string, tags: [pii]}
      - {name: amount, type: int}
    row-filters:
      - {name: own, where: "region IN @attribute('country')"}
      - {name: all, where: "amount < 10 AND region <> @user", except: {groups: [analysts]}}
    masks:
      - {name: rough, columns: [amount, buyer], mask: "null", when: "region = 'DE'", except: {users: [bob]}}
      - {name: hidden, tagged: [pii], mask: hash}
global-policies:
  - {name: a-odd, tags: [pii], allows-exceptions: true, subscription: {users: []}}
  - {name: german, tags: [pii], subscription: {condition: {attribute: {country: DE}}}}
  - {name: stewarded, tags: [secret], subscription: {condition: {group: stewards}}}
"""


class Explaining(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start(POLICIES)

    def explain(self, principal, data_source, status):
        done = self.sidecar.run("explain", principal, data_source, "--json")
        self.assertEqual(done.returncode, status, done)
        return json.loads(done.stdout)

    def test_deny_by_two_of_three_policies_names_both(self):
        result = self.explain("bob@EXAMPLE.COM", "events", 3)
        self.assertEqual((result["decision"], result["reason"]), ("deny", "not-subscribed"))
        steps = result["resolution"]["steps"]
        asked = [(s.get("policy"), s["holds"]) for s in steps if s["question"] == "subscription"]
        self.assertEqual(asked, [(None, False), ("german", False), ("stewarded", False)])
        result = self.explain("ann@EXAMPLE.COM", "events", 3)
        asked = [(s.get("policy"), s["holds"]) for s in result["resolution"]["steps"] if s["question"] == "subscription"]
        self.assertEqual(asked, [(None, True), ("german", True), ("stewarded", False)])
        words = self.sidecar.run("check", "bob@EXAMPLE.COM", "/events/f").stdout
        self.assertIn("german", words)
        self.assertIn("stewarded", words)

    def test_owners_exception_is_shown_with_its_words(self):
        steps = self.explain("ann@EXAMPLE.COM", "events", 3)["resolution"]["steps"]
        exceptions = [s for s in steps if s["question"] == "exception"]
        self.assertEqual([s["policy"] for s in exceptions], ["a-odd"])
        self.assertIn("the owner agreed with security", exceptions[0]["words"])
        self.assertNotIn("holds", exceptions[0])

    def test_words_can_be_sent_to_who_was_denied(self):
        done = self.sidecar.run("explain", "bob@EXAMPLE.COM", "events")
        self.assertEqual(done.returncode, 3)
        self.assertIn("FAILS  subscription: global policy `german`: ", done.stdout)
        self.assertIn("`country` is `DE`", done.stdout)
        self.assertIn("deny: not-subscribed, policy version 1", done.stdout)

    def test_rules_before_the_tenth(self):
        self.assertEqual(self.explain("hive@EXAMPLE.COM", "events", 0)["reason"], "ignored-user")
        self.assertEqual(self.explain("zoe@EXAMPLE.COM", "events", 0)["reason"], "unmapped-user")
        self.assertEqual(self.explain("off@EXAMPLE.COM", "events", 3)["reason"], "disabled-user")
        self.assertEqual(self.explain("etl@EXAMPLE.COM", "events", 0)["reason"], "data-owner")

    def test_rows_and_columns_of_a_table_are_resolved_for_the_user(self):
        result = self.explain("ann@EXAMPLE.COM", "sales", 3)
        self.assertEqual(result["reason"], "raw-table-read")
        self.assertIn("region IN ('DE', 'FR')", result["resolution"]["rows"].replace("`", ""))
        self.assertNotIn("amount", result["resolution"]["rows"])
        masked = {s["name"]: [] for s in result["resolution"]["steps"] if s["question"] == "mask"}
        for step in result["resolution"]["steps"]:
            if step["question"] == "mask":
                masked[step["name"]].append(step["words"])
        self.assertEqual({name: len(words) for name, words in masked.items()}, {"buyer": 2, "amount": 1})
        self.assertIn("null", masked["buyer"][0], "the stricter first")
        self.assertIn("hash", masked["buyer"][1])
        rows = self.explain("bob@EXAMPLE.COM", "sales", 3)["resolution"]["rows"]
        self.assertIn(r"'it\'s'", rows, "as Spark reads it")
        self.assertIn("'bob'", rows)

    def test_file_rules_in_check(self):
        apply = self.sidecar.apply
        apply("users: [{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts, stewards], attributes: {country: DE}}]\n")
        self.assertEqual(self.decide("ann@EXAMPLE.COM", "/events/f"), ("allow", "subscribed"))
        apply("users: [{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts, stewards], attributes: {country: DE}},"
              " {name: cid, principal: cid@EXAMPLE.COM, groups: [stewards], attributes: {country: DE}}]\n"
              "data-sources: [{name: open, kind: files, directories: [/open], subscription: anyone, file-rules: "
              "[{name: no-vault, without-tags: [secret]}, {name: old, date: dt, older-than: 1d}]}]\n")
        self.assertEqual(self.decide("ann@EXAMPLE.COM", "/open/vault/f"), ("deny", "policy"))
        self.assertEqual(self.decide("ann@EXAMPLE.COM", "/open/dt=2020-01-01/f"), ("allow", "subscribed"))
        self.assertEqual(self.decide("ann@EXAMPLE.COM", "/open/dt=9999-01-01/f"), ("deny", "policy"))
        words = self.sidecar.run("check", "ann@EXAMPLE.COM", "/open/vault/f").stdout
        self.assertIn("`no-vault`", words)
        self.assertIn("`old`", words)

    def test_unknown_data_source(self):
        done = self.sidecar.run("explain", "ann@EXAMPLE.COM", "none")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no data source `none`", done.stderr)

    def test_who_can_read_lists_users_with_why(self):
        self.sidecar.apply(
            "users: [{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts, stewards], attributes: {country: DE}}]\n")
        found = self.sidecar.json("who-can-read", "/events/f")
        self.assertEqual([(r["user"], r["decision"]) for r in found["readers"]], [("ann", "allow")])
        self.assertIn("by the group `analysts`", found["readers"][0]["words"])
        self.assertEqual((found["count"], found["dataSources"]), (1, ["events"]))
        notes = " ".join(found["notes"])
        self.assertIn("hive", notes)
        self.assertIn("etl@EXAMPLE.COM", notes)
        self.assertEqual(self.sidecar.json("who-can-read", "/sales/f")["readers"], [])
        self.assertIn("HDFS's own permissions", self.sidecar.json("who-can-read", "/elsewhere")["notes"][0])
        self.assertEqual(self.sidecar.run("who-can-read", "relative").returncode, 2)

    def test_who_can_read_shows_no_more_than_asked_for(self):
        names = ", ".join(f"{{name: u{n:03}}}" for n in range(300))
        self.sidecar.apply(f"users: [{names}]\n"
                           "data-sources: [{name: open, kind: files, directories: [/open], subscription: anyone}]\n")
        found = self.sidecar.json("who-can-read", "/open/f", "--limit", "2")
        self.assertEqual((found["count"], len(found["readers"])), (303, 2))
