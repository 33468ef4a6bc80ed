"""Grants: who is given one, what it lets through and what not, and how it ends."""

import json
import sqlite3
import time

from cluster.processes import wait_until

from .fixture import ServiceTest
from .wire import COMMAND, RESULT, TRAVERSE, Wire, frame

# Accounts that every Debian has: `nobody` and `games` run jobs, `www-data` is a gateway, `daemon` approves.
POLICIES = """\
groups: [{name: analysts}]
users:
  - {name: nobody, principal: nobody@EXAMPLE.COM, groups: [analysts]}
  - {name: games, principal: games@EXAMPLE.COM, groups: [analysts]}
  - {name: daemon, principal: daemon@EXAMPLE.COM}
  - {name: owner, principal: owner@EXAMPLE.COM, groups: [analysts]}
  - {name: off, principal: off@EXAMPLE.COM, groups: [analysts], enabled: false}
ignored-users: [hive]
data-sources:
  - {name: orders, kind: table, directories: [/w/orders], subscription: {groups: [analysts]}}
  - {name: people, kind: table, directories: [/w/people, /w/people-old], subscription: {groups: [analysts]},
     credential: {principal: owner@EXAMPLE.COM, keytab: /etc/owner.keytab}}
  - {name: secret, kind: table, directories: [/w/secret], subscription: {users: []}}
  - {name: asked, kind: table, directories: [/w/asked], subscription: {approval: {approvers: {users: [daemon]}}}}
  - {name: inner, kind: table, directories: [/w/orders/inner], subscription: anyone}
  - {name: files, kind: files, directories: [/w/files], subscription: anyone}
projects:
  - {name: sales, data-sources: [orders], members: {users: [nobody]}}
"""

ONE, TWO, THREE = "11" * 32, "22" * 32, "33" * 32
ALLOWED, DENIED = ("allow", "grant"), ("deny", "raw-table-read")


class GrantTest(ServiceTest):
    def setUp(self):
        super().setUp()
        self.open_to_everybody()
        text = self.sidecar.configuration.read_text()
        text = text.replace("identity:\n", "  gateway: {users: [www-data]}\nidentity:\n", 1)
        self.sidecar.configuration.write_text(text)
        self.start(POLICIES)

    def grant(self, *words, user=None, sources=("orders",), handles=(ONE,), application="app-1"):
        """Asks for a grant; returns what came of it."""
        options = [o for s in sources for o in ("--data-source", s)] + [o for h in handles for o in ("--handle", h)]
        return self.sidecar.run(
            "grant", "issue", "--nameservice", "ns1", "--application", application, *options, *words, "--json",
            user=user or "nobody")

    def give(self, *words, **more):
        """Asks for a grant and gets it."""
        done = self.grant(*words, **more)
        self.assertEqual(done.returncode, 0, done)
        return json.loads(done.stdout)

    def refuse(self, *words, because, **more):
        done = self.grant(*words, **more)
        self.assertNotEqual(done.returncode, 0, done)
        self.assertIn(because, done.stderr)

    def run_grant(self, *words, user="nobody"):
        done = self.sidecar.run("grant", *words, "--json", user=user)
        self.assertEqual(done.returncode, 0, done)
        return json.loads(done.stdout)

    def reads(self, path="/w/orders/f", principal="nobody@EXAMPLE.COM", handles=(ONE,), **more):
        return self.decide(principal, path, handles=handles, **more)

    def message(self, path="/w/orders/f", principal="nobody@EXAMPLE.COM", handles=(ONE,)):
        with Wire(self.sidecar.socket) as connection:
            return connection.decide(principal, path, handles=handles)[2]

    def ended(self, grant):
        line = self.run_grant("show", grant, user=None)
        self.assertNotEqual(line["state"], "live", line)
        return line["endedBecause"]


class Reading(GrantTest):
    def test_user_handle_directory_and_time_have_to_fit(self):
        self.assertEqual(self.reads(), DENIED)
        grant = self.give()
        self.assertEqual(self.reads(), ALLOWED)
        self.assertEqual(self.reads(handles=(TWO, ONE)), ALLOWED)
        self.assertEqual(self.reads("/w/orders/.snapshot/s1/f"), ALLOWED)
        self.assertEqual(self.reads(principal="nobody"), ALLOWED, "of a proxy user or by WebHDFS")
        self.assertEqual(self.reads(handles=()), DENIED, "a ticket of the same user")
        self.assertEqual(self.reads(handles=(TWO,)), DENIED, "another job of the same user")
        self.assertEqual(self.reads(principal="games@EXAMPLE.COM"), DENIED, "another user with the same handle")
        self.assertEqual(self.reads("/w/people/f"), DENIED, "another table")
        self.assertEqual(self.reads("/w/orders/inner/f"), DENIED, "a deeper cover of another table")
        self.run_grant("release", grant["id"])
        self.assertEqual(self.reads(), DENIED)

    def test_caller_context_narrows_and_never_widens(self):
        self.give()
        for context in ("SPARK_TASK_app-1_JId_0", "SPARK_DRIVER_app-1", "SPARK_TASK_app-1", "CLI", "SPARK", ""):
            self.assertEqual(self.reads(context=context), ALLOWED, context)
        for context in ("SPARK_TASK_app-2_JId_0", "SPARK_TASK_app-12", "SPARK_TASK_app-", "SPARK_CLIENT_other"):
            self.assertEqual(self.reads(context=context), DENIED, context)
        self.assertEqual(self.reads(context="SPARK_TASK_app-1_JId_0", handles=()), DENIED)

    def test_traversal_is_allowed_as_the_read_is(self):
        self.assertEqual(self.reads(operation=TRAVERSE)[0], "native")
        self.give()
        self.assertEqual(self.reads(operation=TRAVERSE), ALLOWED)
        self.assertEqual(self.reads(operation=TRAVERSE, handles=())[0], "native")

    def test_several_tables_and_directories_are_one_grant(self):
        grant = self.give(sources=("orders", "people", "orders"), handles=(ONE, TWO, ONE))
        self.assertEqual([s["name"] for s in grant["dataSources"]], ["orders", "people"])
        for path in ("/w/orders/f", "/w/people/f", "/w/people-old/f"):
            self.assertEqual(self.reads(path, handles=(TWO,)), ALLOWED)
        self.assertEqual(self.reads("/w/people-older/f", handles=(TWO,))[1], "not-protected")

    def test_directory_that_a_table_gets_later_is_not_in_the_grant(self):
        self.give()
        self.sidecar.apply("data-sources: [{name: orders, kind: table, directories: [/w/orders, /w/new],"
                           " subscription: {groups: [analysts]}}]\n")
        self.assertEqual(self.reads(), ALLOWED)
        self.assertEqual(self.reads("/w/new/f"), DENIED)

    def test_grant_that_has_not_begun_counts_for_nothing(self):
        begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
        grant = self.give("--not-before", begin)
        self.assertGreater(grant["notBefore"], grant["issuedAt"] + 500_000)
        self.assertGreater(grant["expiresInMilliseconds"], 600_000)
        self.assertEqual(self.reads(), DENIED)
        self.refuse("--not-before", "2999-01-01T00:00:00Z", because="more than an hour ahead")

    def test_check_shows_what_a_job_would_be_answered(self):
        grant = self.give()
        shown = self.sidecar.json("check", "nobody@EXAMPLE.COM", "/w/orders/f", "--handle", ONE)
        self.assertEqual((shown["decision"], shown["reason"]), ALLOWED)
        self.assertIn(grant["id"], shown["steps"][-1]["words"])
        done = self.sidecar.run("check", "nobody@EXAMPLE.COM", "/w/orders/f")
        self.assertIn("rule 8, a live grant: nothing that a grant is bound to came", done.stdout)

    def test_denial_says_that_a_grant_is_needed_and_which_one_ended(self):
        self.assertIn("comes from no job that has a live one", self.message())
        grant = self.give()
        self.sidecar.json("grant", "revoke", grant["id"], "--because", "too much")
        told = self.message()
        for words in (grant["id"], "app-1", "too much", "`orders`", "(raw-table-read)"):
            self.assertIn(words, told)
        self.assertNotIn(grant["id"], self.message(principal="games@EXAMPLE.COM"), "it is told to its user only")
        self.assertNotIn(grant["id"], self.message(handles=(TWO,)))


class Asking(GrantTest):
    def test_policies_decide_who_is_given_one(self):
        for source, because in (("secret", "not-subscribed"), ("asked", "subscription request"),
                                ("files", "ask for tables only"), ("none", "no data source `none`")):
            self.refuse(sources=("orders", source), because=because)
        self.assertEqual(self.run_grant("list", user=None), [])
        self.assertEqual(self.reads(), DENIED)
        self.sidecar.json("project", "switch", "sales", "--user", "nobody")
        self.refuse(sources=("people",), because="outside-project")
        self.give()

    def test_gateway_asks_for_others_and_nobody_else_does(self):
        self.refuse("--principal", "games@EXAMPLE.COM", because="needs the role `gateway`")
        self.refuse("--principal", "games@EXAMPLE.COM", user="root", because="needs the role `gateway`")
        self.assertEqual([r["kind"] for r in self.sidecar.audit() if "gateway" in r.get("detail", "")], ["refusal"] * 2)
        self.give("--principal", "nobody@EXAMPLE.COM")
        grant = self.give("--principal", "games@EXAMPLE.COM", user="www-data", handles=(TWO,))
        self.assertEqual((grant["user"], grant["principal"]), ("games", "games@EXAMPLE.COM"))
        self.assertEqual(self.reads(principal="games@EXAMPLE.COM", handles=(TWO,)), ALLOWED)
        self.assertEqual(self.reads(principal="nobody@EXAMPLE.COM", handles=(TWO,)), DENIED)
        self.assertEqual(self.run_grant("renew", grant["id"], user="www-data")["renewals"], 1)
        self.run_grant("release", grant["id"], user="games")

    def test_gateway_gets_for_others_what_the_policies_give_them(self):
        for principal, because in (
                ("hive", "an ignored user"), ("stranger@EXAMPLE.COM", "unmapped-user"),
                ("off@EXAMPLE.COM", "disabled-user"), ("daemon@EXAMPLE.COM", "not-subscribed"),
                ("a@b@c", "bad-principal")):
            self.refuse("--principal", principal, user="www-data", because=because)
        self.refuse("--principal", "owner@EXAMPLE.COM", user="www-data", sources=("people",), because="needs no grant")
        self.give("--principal", "owner@EXAMPLE.COM", user="www-data")

    def test_uid_that_is_no_user_is_refused(self):
        self.refuse(user="bin", because="unmapped-user")

    def test_request_that_makes_no_sense_is_refused_as_a_whole(self):
        self.refuse(handles=(), because="no handle")
        self.refuse(handles=("12",), because="64 hexadecimal digits")
        self.refuse(handles=[f"{n:064x}" for n in range(17)], because="at most 16 handles")
        self.refuse(application="", because="job.application")
        self.refuse(application="a" * 257, because="256 bytes")
        self.refuse("--query", "a\nb", because="job.query")
        self.refuse(sources=[f"t{n}" for n in range(1_025)], because="1 to 1024 data sources")
        self.assertEqual(self.run_grant("list", "--all", user=None), [])

    def test_user_sees_and_ends_its_own_only(self):
        mine = self.give()
        theirs = self.give(user="games", handles=(TWO,), application="app-2")
        self.assertEqual([g["id"] for g in self.run_grant("list")], [mine["id"]])
        self.assertEqual({g["id"] for g in self.run_grant("list", user=None)}, {mine["id"], theirs["id"]})
        for filters in (["--user", "games"], ["--job", "app-2"]):
            self.assertEqual([g["id"] for g in self.run_grant("list", *filters, user=None)], [theirs["id"]])
        self.assertEqual(self.run_grant("list", "--data-source", "people", user=None), [])
        for words in (["show", theirs["id"]], ["renew", theirs["id"]], ["release", theirs["id"]]):
            done = self.sidecar.run("grant", *words, user="nobody")
            self.assertIn("no live grant", done.stderr)
        # Who acts on what is not theirs is on record; the answer tells them nothing.
        refusals = [r for r in self.sidecar.audit() if r["kind"] == "refusal" and theirs["id"] in r["detail"]]
        self.assertEqual(
            [r["detail"] for r in refusals],
            [f"grant {word}: the grant `{theirs['id']}` belongs to `games`" for word in ("renew", "release")])
        self.assertEqual(self.sidecar.run("grant", "revoke", theirs["id"], user="nobody").returncode, 77)
        self.assertEqual(self.reads(principal="games@EXAMPLE.COM", handles=(TWO,)), ALLOWED)

    def test_programs_ask_by_frames(self):
        grant = self.give()
        (listed,) = self.command({"list": {"_0": {"live": True, "job": "app-1"}}})["done"]["_0"]
        self.assertEqual(listed["id"], grant["id"])
        shown = self.command({"show": {"id": grant["id"]}})["done"]["_0"]
        self.assertEqual((shown["state"], shown["dataSources"][0]["directories"]), ("live", ["/w/orders"]))
        for asked, because in (({"renew": {"id": grant["id"]}}, "of yours"), ({"release": {"id": "x"}}, "of yours"),
                               ({"issue": {"_0": {"nameservice": "ns1", "handles": [ONE], "dataSources": ["orders"],
                                                  "job": {"application": "a"}}}}, "unmapped-user")):
            refused = self.command(asked)["refused"]["_0"]
            self.assertEqual(refused["kind"], "failed")
            self.assertIn(because, refused["message"])

    def command(self, asked):
        """What a command about grants gives this process."""
        with Wire(self.sidecar.socket) as connection:
            document = json.dumps({"grant": {"_0": asked}}).encode()
            connection.send(frame(COMMAND, 5, b"\0" + document))
            kind, request, body = connection.receive()
        self.assertEqual((kind, request, body[0]), (RESULT, 5, 2))
        return json.loads(body[1:])

    def test_handles_are_shown_in_part_and_ids_cannot_be_guessed(self):
        ids = {self.give()["id"] for _ in range(20)}
        self.assertEqual(len(ids), 20)
        self.assertTrue(all(len(i) == 32 for i in ids))
        (shown,) = {h for g in self.run_grant("list") for h in g["handles"]}
        self.assertEqual(shown, ONE[:16])


class Ending(GrantTest):
    def test_revocation_ends_all_that_fit(self):
        first, second = self.give(), self.give(application="app-2")
        other = self.give(user="games", handles=(TWO,))
        revoked = self.run_grant("revoke", "--user", "nobody", "--job", "app-2", user=None)
        self.assertEqual([g["id"] for g in revoked], [second["id"]])
        self.assertEqual(self.reads(), ALLOWED, "the first one still lets it through")
        self.run_grant("revoke", "--data-source", "orders", user=None)
        self.assertEqual(self.reads(), DENIED)
        self.assertEqual(self.reads(principal="games@EXAMPLE.COM", handles=(TWO,)), DENIED)
        self.assertEqual(self.run_grant("list", user=None), [])
        ended = {g["id"]: g["state"] for g in self.run_grant("list", "--all", user=None)}
        self.assertEqual(ended, {g["id"]: "revoked" for g in (first, second, other)})

    def test_job_whose_grant_was_revoked_gets_no_other_unless_it_may_ask_again(self):
        grant = self.give(sources=("orders", "people"))
        self.run_grant("revoke", grant["id"], "--because", "it reads too much", user=None)
        for end in (self.sidecar.kill, self.sidecar.stop):
            self.refuse(because="it reads too much")
            self.refuse(sources=("people",), handles=(TWO,), because="it reads too much")
            end()
            self.sidecar.start()
        self.refuse(because="it reads too much")
        self.assertEqual(self.reads(), DENIED)
        # Its user's next job is another one, and so is another user's of the same application.
        again = self.give(application="app-2")
        self.give(user="games", handles=(TWO,))
        self.run_grant("revoke", again["id"], "--may-ask-again", user=None)
        self.give(application="app-2")

    def test_grant_ends_with_what_the_policies_said(self):
        def changes():
            groups = "{name: nobody, principal: nobody@EXAMPLE.COM, groups: []}"
            yield "a group is lost", f"users: [{groups}]\n", "not-subscribed"
            disabled = "{name: nobody, principal: nobody@EXAMPLE.COM, groups: [analysts], enabled: false}"
            yield "the user is disabled", f"users: [{disabled}]\n", "disabled-user"
            table = "name: orders, directories: [/w/orders], subscription"
            yield "nobody may any more", "data-sources: [{kind: table, %s: {users: []}}]\n" % table, "not-subscribed"
            yield "it is a table no more", "data-sources: [{kind: files, %s: anyone}]\n" % table, "no table `orders`"

        for what, policies, because in changes():
            with self.subTest(what):
                grant = self.give(sources=("orders", "people"))
                self.assertEqual(self.reads("/w/people/f"), ALLOWED)
                self.sidecar.apply(policies)
                self.assertNotEqual(self.reads("/w/people/f"), ALLOWED, "all of it ends")
                self.assertIn(because, self.ended(grant["id"]))
                self.sidecar.apply(POLICIES)
                self.assertEqual(self.reads(), DENIED, "what has ended stays so")

    def test_switch_of_project_and_revoked_approval_end_a_grant(self):
        grant = self.give(sources=("people",))
        self.sidecar.json("project", "switch", "sales", "--user", "nobody")
        self.assertEqual(self.reads("/w/people/f"), DENIED)
        self.assertIn("outside-project", self.ended(grant["id"]))
        self.sidecar.json("project", "switch", "--none", "--user", "nobody")
        self.assertEqual(self.reads("/w/people/f"), DENIED)
        self.sidecar.json("subscription", "request", "asked", "--user", "nobody")
        self.sidecar.json("subscription", "approve", "nobody", "asked")
        grant = self.give(sources=("asked",))
        self.assertEqual(self.reads("/w/asked/f"), ALLOWED)
        self.sidecar.json("subscription", "revoke", "nobody", "asked")
        self.assertEqual(self.reads("/w/asked/f"), DENIED)
        self.assertIn("not-subscribed", self.ended(grant["id"]))

    def test_data_source_that_is_gone_ends_a_grant_and_another_of_its_name_gets_none(self):
        self.give()
        rest = POLICIES.replace("  - {name: orders, kind: table, directories: [/w/orders],"
                                " subscription: {groups: [analysts]}}\n", "").replace("[orders]", "[people]")
        self.sidecar.apply(rest, "--prune")
        self.sidecar.apply(POLICIES)
        self.assertEqual(self.reads(), DENIED)

    def test_change_that_does_not_touch_it_leaves_a_grant_alone(self):
        self.give()
        self.sidecar.apply("users: [{name: new, principal: new@EXAMPLE.COM}]\n")
        self.assertEqual(self.reads(), ALLOWED)

    def test_approval_that_ends_by_itself_ends_the_grant(self):
        self.sidecar.json("subscription", "request", "asked", "--user", "nobody")
        self.sidecar.json("subscription", "approve", "nobody", "asked", "--for", "3s")
        grant = self.give(sources=("asked",))
        self.assertTrue(wait_until(lambda: self.reads("/w/asked/f") == DENIED, 20, 0.05))
        self.assertTrue(wait_until(lambda: self.run_grant("list", user=None) == [], 20, 0.05))
        self.assertIn("not-subscribed", self.ended(grant["id"]))

    def test_audit_tells_the_whole_story_by_grant_and_by_job(self):
        grant = self.give("--query", "q7")
        self.reads()
        self.run_grant("renew", grant["id"], "--handle", TWO)
        self.reads(handles=(TWO,))
        self.sidecar.json("grant", "revoke", grant["id"], "--because", "a test")
        self.reads()
        story = self.sidecar.audit(grant=grant["id"])
        self.assertEqual([r["kind"] for r in story], ["grant", "decision", "grant", "decision", "grant"])
        self.assertEqual(story, self.sidecar.audit(job="app-1"))
        issued, read, renewed, _, revoked = story
        for record in story:
            self.assertEqual((record["user"], record["dataSource"]), ("nobody", "orders"))
        self.assertEqual((issued["decision"], issued["principal"]), ("allow", "nobody"))
        self.assertIn("query q7", issued["detail"])
        self.assertEqual((read["decision"], read["reason"], read["path"]), ("allow", "grant", "/w/orders/f"))
        self.assertIn("renewal 1", renewed["detail"])
        self.assertIn("a test", revoked["detail"])
        self.refuse(sources=("secret",), because="not-subscribed")
        (refused,) = [r for r in self.sidecar.audit(reason="not-subscribed") if r["kind"] == "grant"]
        self.assertEqual((refused["user"], refused["dataSource"], refused["job"]), ("nobody", "secret", "app-1"))


class ShortLived(GrantTest):
    extra = "grants: {lifetime-seconds: 2, most-renewals: 3, nameservice: ns1}\n"

    def test_grant_expires_by_itself(self):
        grant = self.give()
        self.assertEqual(grant["lifetimeSeconds"], 2)
        self.assertTrue(wait_until(lambda: self.reads() == DENIED, 20, 0.02))
        self.assertTrue(wait_until(lambda: self.run_grant("list") == [], 20, 0.05))
        self.assertIn("not renewed", self.ended(grant["id"]))
        done = self.sidecar.run("grant", "renew", grant["id"], user="nobody")
        self.assertIn("no live grant", done.stderr)
        self.assertIn("ended: it was not renewed", self.message())

    def test_renewals_prolong_it_and_are_bounded(self):
        grant = self.give()
        for left in (2, 1, 0):
            renewed = self.run_grant("renew", grant["id"], "--handle", TWO)
            self.assertEqual(renewed["renewalsLeft"], left)
            self.assertGreaterEqual(renewed["expiresAt"], grant["expiresAt"])
        self.assertEqual(self.reads(handles=(TWO,)), ALLOWED)
        done = self.sidecar.run("grant", "renew", grant["id"], user="nobody")
        self.assertIn("as often as it may be", done.stderr)
        self.assertTrue(wait_until(lambda: self.reads() == DENIED, 20, 0.02))

    def test_other_nameservice_is_refused(self):
        self.refuse("--nameservice", "ns2", because="decides for the nameservice `ns1`")

    def test_time_goes_on_while_the_service_is_down(self):
        grant = self.give()
        self.sidecar.kill()

        def now():
            return time.clock_gettime(time.CLOCK_BOOTTIME)

        # The clock by which grants end; what was left of this one was less when it was told.
        end = now() + grant["expiresInMilliseconds"] / 1000
        self.assertTrue(wait_until(lambda: end < now(), 20, 0.02))
        self.sidecar.start()
        self.assertEqual(self.reads(), DENIED)
        self.assertIn("not renewed", self.ended(grant["id"]))
        self.assertEqual([r["detail"] for r in self.sidecar.audit(grant=grant["id"])][-1],
                         "expired: it was not renewed in time")


class Restarts(GrantTest):
    def test_restart_loses_none_and_revives_none(self):
        kept, renewed = self.give(), self.give(handles=(TWO,))
        ends = [self.give(handles=(THREE,)) for _ in range(3)]
        self.run_grant("renew", renewed["id"], "--handle", "44" * 32)
        self.run_grant("release", ends[0]["id"])
        self.run_grant("revoke", ends[1]["id"], user=None)
        people = self.give(sources=("people",), handles=(THREE,))
        self.run_grant("revoke", ends[2]["id"], user=None)
        self.sidecar.apply("data-sources: [{name: people, kind: table, directories: [/w/people],"
                           " subscription: {users: []}}]\n")
        before = self.run_grant("list", "--all", user=None)
        for end in (self.sidecar.kill, self.sidecar.stop):
            end()
            self.sidecar.start()
            after = self.run_grant("list", "--all", user=None)
            self.assertEqual(self.without_time(after), self.without_time(before))
            for handle in (ONE, TWO, "44" * 32):
                self.assertEqual(self.reads(handles=(handle,)), ALLOWED)
            self.assertEqual(self.reads(handles=(THREE,)), DENIED)
            self.assertEqual(self.reads("/w/people/f", handles=(THREE,))[0], "deny")
        self.assertIn("goes on after a restart", self.sidecar.audit(grant=kept["id"])[-2]["detail"])
        self.assertNotIn(people["id"], [g["id"] for g in self.run_grant("list", user=None)])

    @staticmethod
    def without_time(grants):
        return sorted(({**g, "expiresInMilliseconds": None} for g in grants), key=lambda g: g["id"])

    def test_policies_that_changed_while_the_service_was_down_end_grants(self):
        grant = self.give()
        self.sidecar.kill()
        self.forget_group()
        self.sidecar.start()
        self.assertEqual(self.reads(), DENIED)
        self.assertIn("not-subscribed", self.ended(grant["id"]))

    def forget_group(self):
        """Changes the store behind the service's back, as a crash between the store and the grants would leave it."""
        store = sqlite3.connect(self.directory / "policy.sqlite")
        with store:
            (version,) = store.execute("SELECT max(version) FROM policy_versions").fetchone()
            store.execute("INSERT INTO policy_versions (version, time_ms, actor, what, summary) VALUES (?, 0, 'x', 'x', '')",
                          (version + 1,))
            store.execute("DELETE FROM user_groups WHERE user_id = (SELECT id FROM users WHERE name = 'nobody')")
        store.close()


class WithoutKerberos(GrantTest):
    extra = "grants: {without-kerberos: bind-to-application}\n"

    def test_grant_without_handle_is_bound_to_user_and_application(self):
        self.give(handles=())
        self.assertEqual(self.reads(handles=(), context="SPARK_TASK_app-1_JId_0"), ALLOWED)
        self.assertEqual(self.reads(handles=(TWO,), context="SPARK_TASK_app-1_JId_0"), ALLOWED)
        for context in ("SPARK_TASK_app-2_JId_0", "CLI", None):
            self.assertEqual(self.reads(handles=(), context=context), DENIED, context)
        self.assertEqual(
            self.reads(principal="games@EXAMPLE.COM", handles=(), context="SPARK_TASK_app-1_JId_0"), DENIED)
