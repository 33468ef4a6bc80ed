"""Projects and purposes: acting under one narrows what is read, from the next read on."""

from .fixture import ServiceTest

POLICIES = """\
groups: [{name: hunters}]
purposes: [{name: fraud, about: to find fraud}, {name: audit}]
users:
  - {name: nobody, principal: nobody@EXAMPLE.COM, groups: [hunters]}
  - {name: daemon, principal: daemon@EXAMPLE.COM}
data-sources:
  - {name: events, kind: files, directories: [/events], subscription: anyone}
  - {name: cards, kind: files, directories: [/cards], subscription: anyone, purposes: [fraud]}
  - {name: other, kind: files, directories: [/other], subscription: anyone}
projects:
  - {name: hunt, data-sources: [events, cards], members: {groups: [hunters]}, purposes: [fraud, audit]}
  - {name: rest, data-sources: [other], members: {users: [nobody, daemon]}}
"""


class Projects(ServiceTest):
    def setUp(self):
        super().setUp()
        self.open_to_everybody()
        self.start(POLICIES)

    def give(self, *words, user="nobody"):
        done = self.sidecar.run("project", *words, user=user)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def refuse(self, *words, user="nobody", because):
        done = self.sidecar.run("project", *words, user=user)
        self.assertNotEqual(done.returncode, 0, done)
        self.assertIn(because, done.stderr)

    def reasons(self):
        """Of reads of the three data sources."""
        return [self.decide("nobody@EXAMPLE.COM", path)[1] for path in ("/events/f", "/cards/f", "/other/f")]

    def test_switching_counts_at_the_next_read(self):
        self.assertEqual(self.reasons(), ["subscribed", "purpose", "subscribed"])
        self.give("switch", "hunt")
        self.assertEqual(self.reasons(), ["subscribed", "purpose", "outside-project"])
        self.give("acknowledge", "hunt", "fraud")
        self.assertEqual(self.reasons(), ["subscribed", "subscribed", "outside-project"])
        self.give("switch", "rest")
        self.assertEqual(self.reasons(), ["outside-project", "outside-project", "subscribed"])
        self.give("switch", "--none")
        self.assertEqual(self.reasons(), ["subscribed", "purpose", "subscribed"])

    def test_acknowledgement_can_be_taken_back(self):
        self.give("switch", "hunt")
        self.give("acknowledge", "hunt", "fraud")
        self.give("acknowledge", "hunt", "fraud", "--withdraw")
        self.assertEqual(self.reasons()[1], "purpose")

    def test_acknowledgement_ends_when_the_words_change(self):
        self.give("switch", "hunt")
        self.give("acknowledge", "hunt", "fraud")
        self.assertEqual(self.reasons()[1], "subscribed")
        self.sidecar.apply("purposes: [{name: fraud, about: to find fraud and nothing else}]\n")
        self.assertEqual(self.reasons()[1], "purpose")

    def test_member_who_loses_the_group_is_denied_everything_until_they_switch(self):
        self.give("switch", "hunt")
        self.assertEqual(self.reasons()[0], "subscribed")
        self.sidecar.apply("users: [{name: nobody, principal: nobody@EXAMPLE.COM}]\n")
        self.assertEqual(self.reasons(), ["outside-project"] * 3)
        self.assertIn("no member any more", self.give("list"))
        self.give("switch", "--none")
        self.assertEqual(self.reasons(), ["subscribed", "purpose", "subscribed"])

    def test_data_source_that_a_project_takes_in_counts_at_the_next_read(self):
        self.give("switch", "rest")
        self.assertEqual(self.reasons()[0], "outside-project")
        self.sidecar.apply("projects: [{name: rest, data-sources: [other, events], members: {users: [nobody]}}]\n")
        self.assertEqual(self.reasons()[0], "subscribed")

    def test_deleted_project_leaves_its_users_under_none(self):
        self.give("switch", "rest")
        without = POLICIES[:POLICIES.index("  - {name: rest")]
        self.sidecar.apply(without, "--prune")
        self.assertEqual(self.reasons(), ["subscribed", "purpose", "subscribed"])
        self.sidecar.apply(POLICIES)
        self.assertEqual(self.reasons(), ["subscribed", "purpose", "subscribed"])

    def test_list(self):
        self.give("switch", "hunt")
        self.give("acknowledge", "hunt", "audit")
        projects = self.sidecar.json("project", "list", user="nobody")
        self.assertEqual([(p["name"], p["isCurrent"]) for p in projects], [("hunt", True), ("rest", False)])
        self.assertEqual(
            [(p["name"], p["isAcknowledged"]) for p in projects[0]["purposes"]], [("audit", True), ("fraud", False)])
        self.assertEqual([p["name"] for p in self.sidecar.json("project", "list", user="daemon")], ["rest"])
        self.assertEqual([p["name"] for p in self.sidecar.json("project", "list", "--user", "daemon")], ["rest"])

    def test_who_is_no_member_is_refused(self):
        self.refuse("switch", "hunt", user="daemon", because="no member")
        self.refuse("switch", "none", because="no member")
        self.refuse("acknowledge", "rest", "fraud", because="does not have the purpose")
        self.refuse("switch", "rest", "--user", "daemon", because="only an administrator")

    def test_switch_names_a_project_or_says_none(self):
        for words in (["switch"], ["switch", "rest", "--none"]):
            self.assertEqual(self.sidecar.run("project", *words).returncode, 64, words)

    def test_everything_survives_a_restart(self):
        self.give("switch", "hunt")
        self.give("acknowledge", "hunt", "fraud")
        self.sidecar.kill()
        self.sidecar.start()
        self.assertEqual(self.reasons(), ["subscribed", "subscribed", "outside-project"])

    def test_other_users_stay_in_the_cache(self):
        self.decide("daemon@EXAMPLE.COM", "/events/f")
        before = self.sidecar.json("cache", "show")
        self.give("switch", "hunt")
        self.decide("daemon@EXAMPLE.COM", "/events/f")
        after = self.sidecar.json("cache", "show")
        self.assertEqual(after["evaluations"], before["evaluations"])
