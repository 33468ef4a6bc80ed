"""What was answered is in the audit, whatever happens to the process or the disk."""

import random
import re
import subprocess
import threading

from cluster.processes import wait_until

from .fixture import PROGRAM, ServiceTest
from .wire import ANSWERS, Wire, answers, ask, question

SUBSCRIBED, AUDIT_UNAVAILABLE = 14, 17


class Crashes(ServiceTest):
    ROUNDS = 12
    CONNECTIONS = 8

    def verify(self):
        done = subprocess.run(
            [PROGRAM, "audit", "verify", "--config", self.sidecar.configuration], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_answer_received_is_recorded_once_after_kill_9(self):
        """The service is killed under load, again and again."""
        self.start()
        received, lock = set(), threading.Lock()

        def load(round_number, connection_number):
            got = []
            try:
                with Wire(self.sidecar.socket) as connection:
                    for number in range(100_000):
                        path = f"/data/sales/{round_number}/{connection_number}/{number}"
                        connection.send(ask(number, question("alice@EXAMPLE.COM", path)))
                        kind, request, body = connection.receive()
                        if kind != ANSWERS:
                            break
                        assert request == number and answers(body)[0][0] == "allow"
                        got.append(path)
            except OSError:
                pass
            with lock:
                received.update(got)

        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        for round_number in range(self.ROUNDS):
            threads = [threading.Thread(target=load, args=(round_number, n)) for n in range(self.CONNECTIONS)]
            for thread in threads:
                thread.start()
            # A random moment under load; no test depends on which.
            threads[0].join(chance.uniform(0.02, 0.3))
            self.sidecar.kill()
            for thread in threads:
                thread.join()
            # The end may be torn, and nothing else.
            self.verify()
            self.sidecar.start()
            self.verify()
        self.assertGreater(len(received), 0)
        records = self.sidecar.audit(path="/data/sales", limit=1_000_000)
        paths = [record["path"] for record in records]
        self.assertEqual(len(paths), len(set(paths)), "something was recorded twice")
        self.assertEqual(received - set(paths), set(), "something was answered and not recorded")
        sequences = [record["sequence"] for record in self.sidecar.audit(limit=1_000_000)]
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)), "the sequence has a gap")


class FullDisk(ServiceTest):
    SIZE = 20 << 20
    BATCH = 100

    def setUp(self):
        super().setUp()
        self.audit = self.directory / "audit"
        self.audit.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "tmpfs", self.audit], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.audit], check=True)

    def decide(self):
        with Wire(self.sidecar.socket) as connection:
            return connection.decide("alice@EXAMPLE.COM", "/data/sales/f")

    def decisions(self, enough):
        """Asks until a batch of answers is `enough`; all answers, as (decision, reason)."""
        got = []
        with Wire(self.sidecar.socket) as connection:
            while len(got) < self.SIZE // 50:
                connection.send(ask(1, *[question("alice@EXAMPLE.COM", "/data/sales/f")] * self.BATCH))
                got += [answer[:2] for answer in answers(connection.receive()[2])]
                if enough(got[-self.BATCH:]):
                    return got
        self.fail("it went on without end")

    def fill(self):
        """Fills the file system to the last byte."""
        filler = self.audit / "filler"
        with open(filler, "ab", buffering=0) as file:
            size = 1 << 16
            while size:
                try:
                    file.write(b"x" * size)
                except OSError:
                    size //= 2
        return filler

    def status(self):
        return self.sidecar.json("status")

    def test_reads_that_cannot_be_recorded_are_denied_until_there_is_room(self):
        self.start()
        self.assertEqual(self.decide()[0], "allow")
        filler = self.fill()
        refused = ("deny", AUDIT_UNAVAILABLE)
        # First the service notices that it has no room but what it keeps; the denials are recorded there.
        got = self.decisions(lambda batch: refused in batch)
        self.assertIn("No space left", self.status()["audit"]["failure"])
        self.assertIn("authorizer_audit_failing 1\n", self.sidecar.run("status", "--metrics").stdout)
        self.assertEqual(self.status()["audit"]["lastRecord"], 2 + len(got))
        # Then that is used up as well.
        while self.status()["audit"]["lastRecord"] == 2 + len(got):
            got += self.decisions(lambda batch: True)
            self.assertEqual(got[-1], refused)
        with Wire(self.sidecar.socket) as connection:
            self.assertEqual(connection.decide("bob@EXAMPLE.COM", "/elsewhere")[0], "native")
        self.assertEqual(self.status()["counters"]["auditUnavailable"], got.count(refused))

        filler.unlink()
        self.assertTrue(wait_until(lambda: got.append(self.decide()[:2]) or got[-1][0] == "allow", 60, 0.05))
        self.assertTrue(wait_until(lambda: "failure" not in self.status()["audit"], 60, 0.05))
        # Every answer is in the journal, or among those that it says it does not have.
        records = self.sidecar.audit(path="/data/sales/f", limit=1_000_000)
        self.assertEqual(sum(r["decision"] == "allow" for r in records), 1 + got.count(("allow", SUBSCRIBED)))
        recorded = sum(r["reason"] == "audit-unavailable" for r in records)
        self.assertGreater(recorded, 0)
        told = [
            re.fullmatch(r"records are written again; (\d+) answers before were denied and not recorded", r["detail"])
            for r in self.sidecar.audit(principal="authorizer")
        ]
        self.assertEqual(sum(int(match[1]) for match in told), got.count(refused) - recorded)
        sequences = [record["sequence"] for record in self.sidecar.audit(limit=1_000_000)]
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))


class FullDiskByChoice(FullDisk):
    extra = ""

    def test_reads_that_cannot_be_recorded_are_denied_until_there_is_room(self):
        """Where the administrator says so, reads go on, and are counted."""
        configuration = self.sidecar.configuration
        configuration.write_text(
            configuration.read_text().replace("audit:\n", "audit:\n  on-failure: allow\n"))
        self.start()
        self.fill()
        got = self.decisions(lambda batch: self.status()["counters"]["unaudited"] > 0)
        self.assertEqual(set(got), {("allow", SUBSCRIBED)})


class Following(ServiceTest):
    def test_follow_shows_records_as_they_come(self):
        self.start()
        follower = subprocess.Popen(
            [PROGRAM, "audit", "follow", "--path", "/data/sales", "--socket", self.sidecar.socket],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(follower.stdout.close)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        with Wire(self.sidecar.socket) as connection:
            for number in range(3):
                connection.decide("alice@EXAMPLE.COM", f"/data/sales/{number}")
                line = follower.stdout.readline()
                self.assertIn(f"/data/sales/{number}", line)
                self.assertIn("allow reason=subscribed", line)
