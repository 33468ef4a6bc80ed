"""What Spark sessions ask: look-ups with their filters and masks, who may ask for whom, and what is pushed."""

import base64
import json
import os
import pwd

from .fixture import ServiceTest
from .wire import COMMAND, Wire, frame

RESULT = 0x41

POLICIES = """\
groups: [{name: analysts}, {name: fraud}]
attributes: [{name: country}]
purposes: [{name: hunting}]
tags: [{name: pii}]
users:
  - {name: nobody, principal: nobody@EXAMPLE.COM, groups: [analysts], attributes: {country: [DE, "it's"]}}
  - {name: daemon, principal: daemon@EXAMPLE.COM, groups: [analysts, fraud]}
  - {name: bin, principal: bin@EXAMPLE.COM}
  - {name: sys, principal: sys@EXAMPLE.COM, groups: [analysts], enabled: false}
ignored-users: [games]
data-sources:
  - name: customers
    kind: table
    directories: [/w/customers]
    contact: owners@example.com
    tags: [pii]
    credential: {principal: www-data@EXAMPLE.COM}
    subscription: {groups: [analysts]}
    format: {csv: {header: true}}
    columns:
      - {name: id, type: int}
      - {name: email, type: string, tags: [pii]}
      - {name: country, type: string}
      - {name: born, type: date}
    row-filters:
      - {name: own, where: "country IN @attribute('country') AND NOT id < 0", except: {groups: [fraud]}}
    masks:
      - {name: year-only, columns: [born], mask: {round: year}, when: "id BETWEEN 1 AND 2.5", except: {groups: [fraud]}}
  - {name: plain, kind: files, directories: [/w/plain], subscription: {groups: [analysts]}}
  - {name: open, kind: table, directories: [/w/open], subscription: anyone}
global-policies:
  - name: no-names
    tags: [pii]
    masks: [{name: emails, tagged: [pii], mask: hash, except: {groups: [fraud]}}]
projects:
  - {name: joined, data-sources: [customers], members: {groups: [analysts]}, joins-on-hash: true}
"""


class SparkSession:
    """A local user's connection, as the extension has one."""

    def __init__(self, path):
        self.wire = Wire(path)
        self.request = 0

    def start(self, name, content=None):
        self.request += 1
        command = {"spark": {"_0": {name: {"_0": content} if content is not None else {}}}}
        self.wire.send(frame(COMMAND, self.request, b"\0" + json.dumps(command).encode()))

    def item(self):
        """The next item of a stream."""
        kind, _, body = self.wire.receive()
        assert (kind, body[0]) == (RESULT, 3), (kind, body)
        return json.loads(body[1:])

    def perform(self, name, content):
        """What a command gives, or raises AssertionError with why it was refused."""
        self.start(name, content)
        pieces = b""
        while True:
            kind, _, body = self.wire.receive()
            assert kind == RESULT, (kind, body)
            pieces += body[1:]
            if body[0] == 2:
                break
        outcome = json.loads(pieces)
        assert "done" in outcome, outcome["refused"]["_0"]["message"]
        return outcome["done"]["_0"]

    def look_up(self, *paths, principal=None, **more):
        content = {"relations": [{"paths": [path]} for path in paths], **more}
        if principal:
            content["principal"] = principal
        return self.perform("lookUp", content)


class Spark(ServiceTest):
    extra = ""

    def setUp(self):
        super().setUp()
        self.open_to_everybody()
        # The tests speak for several users, as a gateway does; what other local users may is tested by the kernel's
        # word in `Speaking`.
        text = self.sidecar.configuration.read_text()
        self.sidecar.configuration.write_text(text.replace("roles:\n", "roles:\n  gateway: {users: ['0']}\n"))
        self.start(POLICIES)
        self.session = SparkSession(self.sidecar.socket)
        self.addCleanup(self.session.wire.close)

    def one(self, path="/w/customers", user="nobody"):
        return self.session.look_up(path, principal=f"{user}@EXAMPLE.COM")["relations"][0]

    def test_filters_and_masks_come_as_trees_with_the_users_values(self):
        found = self.session.look_up("/w/customers/part-1", "/elsewhere", principal="nobody@EXAMPLE.COM")
        self.assertEqual((found["user"], found["isGoverned"], found["maxAgeSeconds"]), ("nobody", True, 600))
        table, elsewhere = found["relations"]
        self.assertEqual((elsewhere["decision"], elsewhere["reason"]), ("native", "not-protected"))
        self.assertEqual(elsewhere["dataSources"], [])
        self.assertEqual((table["decision"], table["needsGrant"], table["dataSources"]), ("allow", True, ["customers"]))
        self.assertEqual(table["format"], {"name": "csv", "options": {"header": "true", "sep": ","}})
        self.assertEqual([c["name"] for c in table["schema"]], ["id", "email", "country", "born"])

        def literal(kind, value):
            return {"operation": "literal", "type": kind, "value": value}

        def column(name):
            return {"operation": "column", "value": name}

        (own,) = table["filters"]
        self.assertEqual(own["policy"], "own")
        among = {"operation": "IN", "arguments": [column("country"), literal("string", "DE"), literal("string", "it's")]}
        below = {"operation": "<", "arguments": [column("id"), literal("number", "0")]}
        self.assertEqual(
            own["condition"], {"operation": "AND", "arguments": [among, {"operation": "NOT", "arguments": [below]}]})
        email, born = sorted(table["masks"], key=lambda mask: mask["column"] != "email")
        self.assertEqual((email["policy"], email["method"]), ("no-names/emails", "hash"))
        self.assertEqual(len(base64.b64decode(email["salt"])), 32)
        self.assertEqual((born["method"], born["value"]), ("truncate", "year"))
        self.assertEqual([p["operation"] for p in born["when"]["arguments"]], [">=", "<="])

    def test_excepted_user_sees_all_and_needs_a_grant_all_the_same(self):
        table = self.one(user="daemon")
        self.assertEqual((table["filters"], table["masks"], table["needsGrant"]), ([], [], True))

    def test_denials_say_why_and_whom_to_ask(self):
        for user, reason in [("bin", "not-subscribed"), ("sys", "disabled-user")]:
            table = self.one(user=user)
            self.assertEqual((table["decision"], table["reason"]), ("deny", reason))
            self.assertIn("owners@example.com", table["message"])
            self.assertFalse(table["needsGrant"])
        self.assertEqual(self.one("/w/plain/f", "bin")["reason"], "not-subscribed")
        self.assertEqual(self.one("/w/plain/f")["decision"], "allow")

    def test_ignored_unmapped_and_owning_principals_get_spark_as_it_is(self):
        for user in ["games", "stranger"]:
            found = self.session.look_up("/w/customers", principal=f"{user}@EXAMPLE.COM")
            self.assertFalse(found["isGoverned"], user)
            self.assertEqual(found["relations"][0]["decision"], "native")
        self.sidecar.apply("users: [{name: www-data, principal: www-data@EXAMPLE.COM}]\n")
        self.assertEqual(self.one(user="www-data")["reason"], "data-owner")

    def test_relation_of_several_data_sources_is_refused(self):
        for paths in (["/w/customers", "/w/open"], ["/w/customers", "/x"], ["/w"]):
            found = self.session.perform(
                "lookUp", {"principal": "nobody@EXAMPLE.COM", "relations": [{"paths": paths}]})["relations"][0]
            self.assertEqual((found["decision"], found["reason"]), ("deny", "raw-table-read"), paths)
        self.assertEqual(self.one("relative")["reason"], "bad-path")
        self.assertEqual(self.one("/w/customers/../open")["reason"], "bad-path")

    def test_snapshot_of_a_table_is_the_table(self):
        self.assertEqual(self.one("/w/.snapshot/s1/customers")["dataSources"], ["customers"])

    def test_decision_has_the_same_id_until_it_is_another(self):
        before = self.one()
        self.assertEqual(before["id"], self.one()["id"])
        self.assertNotEqual(before["id"], self.one(user="daemon")["id"])
        self.sidecar.apply("groups: [{name: unrelated}]\n")
        self.assertEqual(before["id"], self.one()["id"])
        self.sidecar.apply("users: [{name: nobody, principal: nobody@EXAMPLE.COM, groups: [analysts]}]\n")
        after = self.one()
        self.assertNotEqual(before["id"], after["id"])
        never = {"operation": "literal", "type": "boolean", "value": "false"}
        self.assertEqual(after["filters"][0]["condition"]["arguments"][0], never)

    def test_hashes_are_joined_across_a_project_only_under_it(self):
        def salt():
            return next(m["salt"] for m in self.one()["masks"] if m["method"] == "hash")

        own = salt()
        self.sidecar.json("project", "switch", "joined", user="nobody")
        self.assertNotEqual(salt(), own)
        self.sidecar.json("project", "switch", "--none", user="nobody")
        self.assertEqual(salt(), own)

    def test_look_ups_and_reports_are_audited_and_no_salt_is(self):
        table = self.one()
        self.session.look_up("/elsewhere", principal="nobody@EXAMPLE.COM")
        (record,) = [r for r in self.sidecar.audit() if r["kind"] == "look-up"]
        self.assertEqual(
            (record["user"], record["dataSource"], record["decision"], record["reason"]),
            ("nobody", "customers", "allow", "subscribed"))
        self.assertIn("no-names/emails on email", record["detail"])
        self.session.perform("report", {
            "principal": "nobody@EXAMPLE.COM", "application": "app-1", "textHash": "ab", "policyVersion": 1,
            "tables": [{
                "dataSource": "customers", "columns": ["id"], "masks": [], "filters": ["own"], "grants": ["g1"],
                "rowsNotShown": {"count": 3, "isLeast": False}}]})
        (record,) = [r for r in self.sidecar.audit() if r["kind"] == "query"]
        self.assertEqual((record["job"], record["grant"], record["dataSource"]), ("app-1", "g1", "customers"))
        self.assertEqual(
            record["detail"], "the session says: columns read id; row filters own; masks none; rows not shown 3; text ab")
        salt = next(m["salt"] for m in table["masks"] if m["method"] == "hash")
        everything = self.sidecar.log.read_bytes() + b"".join(
            file.read_bytes() for file in self.directory.glob("audit/**/*") if file.is_file())
        for form in (salt.encode(), base64.b64decode(salt), base64.b64decode(salt).hex().encode()):
            self.assertNotIn(form, everything)

    def report(self, **table):
        """Reports a query of one table; returns its records."""
        before = self.sidecar.json("status")["audit"]["lastRecord"]
        whole = {"dataSource": "customers", "columns": [], "masks": [], "filters": [], "grants": [], **table}
        self.session.perform("report", {
            "principal": "nobody@EXAMPLE.COM", "application": "app-1", "policyVersion": 1, "tables": [whole]})
        return [r for r in self.sidecar.audit() if r["sequence"] > before and r["kind"] == "query"]

    def test_rows_that_nobody_counted_are_not_said_to_be_none(self):
        for rows, words in [
            ({}, "rows not shown unknown"), ({"rowsNotShown": {"count": 0, "isLeast": False}}, "rows not shown 0"),
            ({"rowsNotShown": {"count": 7, "isLeast": True}}, "rows not shown at least 7"),
        ]:
            (record,) = self.report(**rows)
            self.assertIn(words, record["detail"].split("; "))
            self.assertNotIn("grant", record)

    def test_query_is_found_by_each_of_its_grants(self):
        self.assertEqual([r["grant"] for r in self.report(grants=["g1", "g2"])], ["g1", "g2"])
        for grant in ("g1", "g2"):
            printed = self.sidecar.run("audit", "query", "--grant", grant).stdout
            self.assertEqual(printed.count("under 2 grants, a record for each"), 1, printed)
        with self.assertRaisesRegex(AssertionError, "each with 16 grants"):
            self.report(grants=["g"] * 17)

    def test_watch_tells_of_what_touches_the_session(self):
        watching = SparkSession(self.sidecar.socket)
        self.addCleanup(watching.wire.close)
        watching.start("watch")
        self.assertTrue(watching.item()["everything"])
        version = self.sidecar.apply("users: [{name: bin, principal: bin@EXAMPLE.COM, groups: [analysts]}]\n")["version"]
        self.assertEqual(watching.item(), {"policyVersion": version, "everything": True, "users": []})

    def test_question_too_large_or_empty_is_refused(self):
        for relations in ([], [{"paths": []}], [{"paths": ["/x"]}] * 1025):
            with self.assertRaisesRegex(AssertionError, "a look-up has 1 to 1024"):
                self.session.perform("lookUp", {"relations": relations})


class Speaking(ServiceTest):
    """Local users, by the kernel's word."""

    def setUp(self):
        super().setUp()
        self.open_to_everybody()
        self.start(POLICIES)

    def session(self, user):
        """The connection of a local user; the kernel notes who somebody is when they connect."""
        account = pwd.getpwnam(user)
        os.setegid(account.pw_gid)
        os.seteuid(account.pw_uid)
        try:
            session = SparkSession(self.sidecar.socket)
        finally:
            os.seteuid(0)
            os.setegid(0)
        self.addCleanup(session.wire.close)
        return session

    def look_up(self, user, **more):
        return self.session(user).look_up("/w/customers", **more)

    def test_local_user_is_answered_for_itself(self):
        self.assertEqual(self.look_up("nobody")["user"], "nobody")
        self.assertEqual(self.look_up("nobody", principal="nobody@EXAMPLE.COM")["user"], "nobody")
        self.assertFalse(self.look_up("games")["isGoverned"])

    def test_who_reads_as_somebody_else_is_refused(self):
        # A more powerful user, one whom no policy binds, one who is nobody; and an account that is no user.
        for user, principal in [
            ("nobody", "daemon@EXAMPLE.COM"), ("nobody", "games"), ("nobody", "stranger@EXAMPLE.COM"),
            ("mail", "nobody@EXAMPLE.COM"),
        ]:
            with self.subTest(user=user, principal=principal), self.assertRaisesRegex(AssertionError, "not the same"):
                self.look_up(user, principal=principal)

    def test_own_look_ups_of_a_minute_are_bounded(self):
        session = self.session("nobody")
        with self.assertRaisesRegex(AssertionError, "more than 1200 look-ups and reports in a minute"):
            # Of two minutes, one may begin in between.
            for _ in range(2 * 1200 + 1):
                session.look_up("/elsewhere")

    def test_session_is_told_of_its_own_user_and_of_no_other(self):
        watching = self.session("nobody")
        watching.start("watch")
        self.assertTrue(watching.item()["everything"])
        self.sidecar.apply("users: [{name: bin, principal: bin@EXAMPLE.COM, groups: [analysts]}]\n")
        self.sidecar.json("project", "switch", "joined", user="nobody")
        told = watching.item()
        self.assertEqual((told["everything"], told["users"]), (False, ["nobody"]))
        version = self.sidecar.apply("groups: [{name: more}]\n")["version"]
        self.assertEqual(watching.item(), {"policyVersion": version, "everything": True, "users": []})
