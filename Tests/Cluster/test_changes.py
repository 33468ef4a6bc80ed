"""A change of policy is in force at the next read, not when a cached decision is old enough."""

import statistics
import sys
import threading
import time
import unittest

from .installation import Installation, POLICIES, contents, must, on_each_hadoop, wait_until

REPORT = "/open/reports/r1"


class Reads:
    """Reads a file with Hadoop's own client, again and again, until it is left."""

    def __init__(self, installation, user, path):
        self._read = lambda: installation.read(user, path)
        self._is_over = False
        self._thread = threading.Thread(target=self._run)
        # (begin, end, Result) of each, the times by the monotonic clock.
        self.all = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._is_over = True
        self._thread.join()

    def _run(self):
        while not self._is_over:
            start = time.monotonic()
            result = self._read()
            self.all.append((start, time.monotonic(), result))

    def await_some(self):
        """Returns after a few reads that begin from now on."""
        wanted = len(self.all) + 4
        assert wait_until(lambda: len(self.all) >= wanted, 60, 0.001), "nothing is read"


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

    def test_settings_that_make_two_users_one_deny_that_one(self):
        """Such policies are refused when they are applied; settings that are changed later can do the same."""
        self.installation.apply("users: [{name: shouting, principal: BOB@EXAMPLE.COM}]\n")
        must(self.read("bob"))
        before, written = self.installation.last_record(), self.sidecar.configuration.read_text()
        self.addCleanup(self.restart_service, written)
        self.restart_service(written.replace("identity:\n", "identity:\n  principal-case: insensitive\n"))
        self.assertIn("ambiguous-principal", self.read("bob").stderr)
        (record,) = self.installation.records_since(before, path=REPORT, principal="bob@EXAMPLE.COM")
        self.assertEqual((record["decision"], record["reason"]), ("deny", "ambiguous-principal"), record)

    def restart_service(self, configuration):
        self.assertEqual(self.sidecar.stop(), 0)
        self.sidecar.configuration.write_text(configuration)
        self.sidecar.start()
        self.installation.await_cover()

    def test_no_read_begun_after_the_command_is_allowed(self):
        """bob reads all the while. The figures are printed; what is asserted is that nothing comes after."""
        must(self.read("bob"))
        took, denied = [], []
        for _ in range(5):
            with Reads(self.installation, "bob", REPORT) as reads:
                reads.await_some()
                begin = time.monotonic()
                self.disable("bob")
                end = time.monotonic()
                reads.await_some()
            late = [result for start, _, result in reads.all if start > end]
            self.assertGreater(len(late), 0)
            for result in late:
                self.assertIn("disabled-user", result.stderr)
            took.append(end - begin)
            denied.append(next(over for _, over, result in reads.all if result.returncode != 0) - begin)
            self.installation.apply(POLICIES)
            must(self.read("bob"))
        for words, times in (("until the command's end", took), ("until the end of the first read that was denied", denied)):
            middle, most = (round(figure * 1_000) for figure in (statistics.median(times), max(times)))
            print(f"Hadoop {self.hadoop}, revocation, {words}: median {middle} ms, most {most} ms", file=sys.stderr)

    def disable(self, user):
        file = self.sidecar.directory / "disabled.yaml"
        file.write_text(f"users: [{{name: {user}, principal: {user}@EXAMPLE.COM, enabled: false}}]\n")
        must(self.sidecar.run("policy", "apply", str(file)))

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
