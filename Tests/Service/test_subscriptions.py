"""Requests and approvals: who may give which command, and what it does to the next read."""

import pwd

from cluster.processes import wait_until

from .fixture import ServiceTest

# Accounts that every Debian has: `nobody` asks, `daemon` approves, `games` is somebody else.
POLICIES = """\
groups: [{name: stewards}]
tags: [{name: pii}]
users:
  - {name: nobody, principal: nobody@EXAMPLE.COM}
  - {name: daemon, principal: daemon@EXAMPLE.COM, groups: [stewards]}
  - {name: games, principal: games@EXAMPLE.COM, groups: [stewards]}
data-sources:
  - name: events
    kind: files
    directories: [/events]
    subscription: {approval: {approvers: {users: [daemon, nobody]}, at-most: 90d}}
  - name: people
    kind: files
    directories: [/people]
    tags: [pii]
    subscription: {approval: {approvers: {groups: [stewards]}}}
  - {name: open, kind: files, directories: [/open], subscription: anyone}
global-policies:
  - name: pii
    tags: [pii]
    subscription: {approval: {approvers: {users: [daemon]}, at-most: 1h}}
"""


class Approvals(ServiceTest):
    def setUp(self):
        super().setUp()
        self.open_to_everybody()
        self.start(POLICIES)

    def give(self, *words, user):
        done = self.sidecar.run("subscription", *words, user=user)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def refuse(self, *words, user, because):
        version = self.sidecar.json("status")["policyVersion"]
        done = self.sidecar.run("subscription", *words, user=user)
        self.assertNotEqual(done.returncode, 0, done)
        self.assertIn(because, done.stderr)
        self.assertEqual(self.sidecar.json("status")["policyVersion"], version)

    def reads(self, path="/events/f"):
        return self.decide("nobody@EXAMPLE.COM", path)

    def test_request_approval_and_revocation_each_count_at_the_next_read(self):
        self.assertEqual(self.reads(), ("deny", "not-subscribed"))
        self.give("request", "events", "--because", "for the audit", user="nobody")
        self.assertEqual(self.reads(), ("deny", "not-subscribed"))
        self.give("approve", "nobody", "events", user="daemon")
        self.assertEqual(self.reads(), ("allow", "subscribed"))
        self.give("revoke", "nobody", "events", user="daemon")
        self.assertEqual(self.reads(), ("deny", "not-subscribed"))

    def test_denied_request_is_over(self):
        self.give("request", "events", user="nobody")
        self.give("deny", "nobody", "events", "--because", "not yours", user="daemon")
        self.refuse("approve", "nobody", "events", user="daemon", because="there is no request")
        self.assertEqual(self.reads(), ("deny", "not-subscribed"))

    def test_withdrawn_request_is_over(self):
        self.give("request", "events", user="nobody")
        self.give("withdraw", "events", user="nobody")
        self.assertEqual(self.sidecar.json("subscription", "list"), [])
        self.refuse("withdraw", "events", user="nobody", because="there is no request")

    def test_approval_ends_by_itself(self):
        self.give("request", "events", user="nobody")
        self.give("approve", "nobody", "events", "--for", "2s", user="daemon")
        self.assertEqual(self.reads(), ("allow", "subscribed"))
        self.assertTrue(wait_until(lambda: self.reads() == ("deny", "not-subscribed"), 20, 0.05))
        self.assertEqual([a["state"] for a in self.sidecar.json("subscription", "list")], ["expired"])

    def test_nobody_approves_for_themselves(self):
        self.give("request", "events", user="nobody")
        self.refuse("approve", "nobody", "events", user="nobody", because="their own request")

    def test_every_policy_that_asks_names_the_approver(self):
        self.give("request", "people", user="nobody")
        self.refuse("approve", "nobody", "people", user="games", because="names you")
        self.give("approve", "nobody", "people", user="daemon")
        self.assertEqual(self.reads("/people/f"), ("allow", "subscribed"))

    def test_approval_is_given_for_no_longer_than_the_shortest_bound(self):
        self.give("request", "people", user="nobody")
        self.refuse("approve", "nobody", "people", "--for", "2h", user="daemon", because="at most 1h")
        self.refuse("approve", "nobody", "people", "--until", "2020-01-01T00:00:00Z", user="daemon", because="is over")
        self.refuse("approve", "nobody", "people", "--for", "1w", user="daemon", because="1w")
        self.refuse(
            "approve", "nobody", "people", "--for", "1h", "--until", "2999-01-01T00:00:00Z", user="daemon",
            because="keep one")
        said = self.give("approve", "nobody", "people", user="daemon")
        self.assertIn("until", said, "without an end, for the longest time")

    def test_what_asks_for_no_approval_takes_no_request(self):
        self.refuse("request", "open", user="nobody", because="no policy of `open` asks")
        self.refuse("request", "none", user="nobody", because="no data source `none`")

    def test_list_shows_what_concerns_the_asker(self):
        self.give("request", "events", "--because", "work", user="nobody")
        self.give("request", "people", user="games")
        self.assertEqual([r["dataSource"] for r in self.sidecar.json("subscription", "list", user="nobody")], ["events"])
        self.assertEqual(
            [(r["dataSource"], r["user"], r["state"]) for r in self.sidecar.json("subscription", "list", user="daemon")],
            [("events", "nobody", "requested"), ("people", "games", "requested")])
        self.assertEqual([r["dataSource"] for r in self.sidecar.json("subscription", "list", user="games")], ["people"])
        self.assertIn('"work"', self.give("list", user="daemon"))

    def test_administrator_answers_for_everybody_and_speaks_for_anybody(self):
        self.sidecar.json("subscription", "request", "events", "--user", "nobody")
        self.sidecar.json("subscription", "approve", "nobody", "events")
        self.assertEqual(self.reads(), ("allow", "subscribed"))
        self.refuse("request", "events", "--user", "games", user="nobody", because="only an administrator")

    def test_user_who_is_disabled_loses_everything_at_once_and_gives_no_commands(self):
        self.sidecar.json("subscription", "request", "events", "--user", "nobody")
        self.sidecar.json("subscription", "approve", "nobody", "events")
        self.assertEqual(self.reads(), ("allow", "subscribed"))
        self.sidecar.apply("users: [{name: nobody, principal: nobody@EXAMPLE.COM, enabled: false}]\n")
        self.assertEqual(self.reads(), ("deny", "disabled-user"))
        self.assertEqual(self.reads("/open/f"), ("deny", "disabled-user"))
        self.refuse("request", "events", user="nobody", because="disabled nor suspended")

    def test_suspension_ends_by_itself(self):
        self.sidecar.apply(
            "users: [{name: nobody, principal: nobody@EXAMPLE.COM, suspended-until: 2999-01-01T00:00:00Z}]\n")
        self.assertEqual(self.reads("/open/f"), ("deny", "disabled-user"))
        self.sidecar.apply(
            "users: [{name: nobody, principal: nobody@EXAMPLE.COM, suspended-until: 2020-01-01T00:00:00Z}]\n")
        self.assertEqual(self.reads("/open/f"), ("allow", "subscribed"))

    def test_everything_survives_a_restart(self):
        self.give("request", "events", user="nobody")
        self.give("approve", "nobody", "events", "--for", "1d", user="daemon")
        self.give("request", "people", user="nobody")
        before = self.sidecar.json("subscription", "list")
        self.sidecar.kill()
        self.sidecar.start()
        self.assertEqual(self.sidecar.json("subscription", "list"), before)
        self.assertEqual(self.reads(), ("allow", "subscribed"))

    def test_changes_of_state_are_versions_and_in_the_audit(self):
        self.give("request", "events", user="nobody")
        self.give("approve", "nobody", "events", user="daemon")
        versions = self.sidecar.json("policy", "history")
        self.assertEqual([v["version"] for v in versions], [3, 2, 1])
        self.assertEqual([v["actor"] for v in versions[:2]], ["daemon", "nobody"])
        self.assertIn("approved `nobody` for `events`", versions[0]["what"])
        details = [r["detail"] for r in self.sidecar.audit() if r["kind"] == "policy-change"]
        self.assertTrue(any("approved `nobody`" in detail for detail in details), details)
        (approved,) = [r for r in self.sidecar.audit() if r["kind"] == "policy-change"][-1]["change"]["entries"]
        self.assertEqual((approved["kind"], approved["name"]), ("user", "nobody"))
        fields = {field["name"]: (field["removed"], field["added"]) for field in approved["fields"]}
        self.assertEqual(fields["requests"], (["events"], []))
        self.assertEqual(fields["approvals"][0], [])
        self.assertTrue(fields["approvals"][1][0].startswith("events"), fields)

    def test_other_commands_stay_with_administrators(self):
        for words in (["policy", "export"], ["status"], ["explain", "nobody", "events"], ["who-can-read", "/events"]):
            done = self.sidecar.run(*words, user="nobody")
            self.assertNotEqual(done.returncode, 0, words)
            self.assertNotIn("events", done.stdout)
        refusals = [r for r in self.sidecar.audit() if r["kind"] == "refusal"]
        self.assertGreaterEqual(len(refusals), 3)

    def test_what_a_user_may_not_do_is_recorded(self):
        for source in ("events", "people"):
            self.give("request", source, user="nobody")
        for user, words, because in (
                ("nobody", ["approve", "nobody", "events"], "their own request"),
                ("games", ["approve", "nobody", "people"], "names you"),
                ("games", ["request", "events", "--user", "nobody"], "only an administrator"),
                ("bin", ["request", "events"], "is not exactly one user"),
                ("bin", ["list"], "is not exactly one user")):
            self.refuse(*words, user=user, because=because)
            refusal = [r for r in self.sidecar.audit() if r["kind"] == "refusal"][-1]
            self.assertIn(because, refusal["detail"])
            self.assertIn(f"uid {pwd.getpwnam(user).pw_uid}", refusal["detail"])
        self.assertEqual(self.sidecar.json("status")["counters"]["refusals"], 5)

    def test_local_user_who_is_no_user_of_the_policies_is_refused(self):
        self.refuse("request", "events", user="bin", because="is not exactly one user")
