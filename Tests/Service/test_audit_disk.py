"""An audit directory that somebody moves away, and a disk that does not answer."""

import contextlib
import json
import subprocess

from cluster.processes import wait_until

from .fixture import PROGRAM, ServiceTest
from .wire import Wire, answers, ask, question

ALICE = "alice@EXAMPLE.COM"
PATH = "/data/sales/f"
# Seconds.
DEADLINE = 60


class DiskTest(ServiceTest):
    def verify(self):
        command = [PROGRAM, "audit", "verify", "--config", self.sidecar.configuration]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def eventually(self, condition, failure):
        self.assertTrue(wait_until(condition, DEADLINE, 0.05), failure)


class MovedDirectory(DiskTest):
    def test_covered_reads_are_denied_until_the_directory_is_back(self):
        self.start()
        audit, elsewhere = self.directory / "audit", self.directory / "elsewhere"
        allowed, denied = ("allow", "subscribed"), ("deny", "audit-unavailable")
        self.assertEqual(self.decide(ALICE, PATH), allowed)
        audit.rename(elsewhere)
        self.eventually(lambda: self.decide(ALICE, PATH) == denied, "nobody noticed")
        self.assertIn("not there any more", self.sidecar.json("status")["audit"]["failure"])
        self.assertEqual(self.decide(ALICE, "/tmp/x"), ("native", "not-protected"))
        elsewhere.rename(audit)
        self.eventually(lambda: self.decide(ALICE, PATH) == allowed, "it is not gone on with")
        self.assertNotIn("failure", self.sidecar.json("status")["audit"])
        details = [record["detail"] for record in self.sidecar.audit(principal="authorizer")]
        self.assertTrue(any("records are written again" in detail for detail in details), details)
        self.verify()


class FrozenDisk(DiskTest):
    """A file system that is frozen, as for a snapshot: whoever writes to it waits, and cannot be ended either."""

    def setUp(self):
        super().setUp()
        image, self.disk = self.directory / "image", self.directory / "frozen"
        with open(image, "wb") as file:
            file.truncate(64 << 20)
        self.disk.mkdir()
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk], check=True)

    @contextlib.contextmanager
    def frozen(self):
        subprocess.run(["fsfreeze", "--freeze", self.disk], check=True)
        try:
            yield
        finally:
            subprocess.run(["fsfreeze", "--unfreeze", self.disk], check=True)

    def configure(self, old, new):
        text = self.sidecar.configuration.read_text()
        self.assertIn(old, text)
        self.sidecar.configuration.write_text(text.replace(old, new))

    def test_write_that_does_not_return_is_told_and_gone_on_with(self):
        self.configure(f"directory: {self.directory}/audit", f"directory: {self.disk}/audit")
        self.start()
        self.assertEqual(self.decide(ALICE, PATH), ("allow", "subscribed"))
        with Wire(self.sidecar.socket) as connection:
            with self.frozen():
                connection.send(ask(1, question(ALICE, PATH)))
                self.eventually(lambda: "does not return" in self.sidecar.log.read_text(), "nothing is in the log")
            self.assertEqual(answers(connection.receive()[2])[0][0], "allow")
        self.assertEqual(len(self.sidecar.audit(path=PATH)), 2)
        self.eventually(lambda: "get to the disk again" in self.sidecar.log.read_text(), "its end is not in the log")
        self.verify()

    def test_sink_that_does_not_return_is_told_and_nobody_waits(self):
        file = self.disk / "audit.jsonl"
        self.configure("audit:\n", f"audit:\n  ship: {{file: {{path: {file}}}}}\n")
        self.start()

        def sink():
            return self.sidecar.json("status")["audit"]["sinks"][0]

        self.eventually(lambda: sink()["waiting"] == 0, "nothing is shipped")
        with self.frozen():
            self.assertEqual(self.decide(ALICE, PATH), ("allow", "subscribed"))
            self.eventually(lambda: sink()["state"] == "hangs", "nobody noticed")
            self.assertEqual(self.decide(ALICE, PATH), ("allow", "subscribed"))
            self.assertIn("not shipped at the moment", self.sidecar.log.read_text())
        self.eventually(lambda: sink()["state"] == "works", "it is not gone on with")
        last = self.sidecar.json("status")["audit"]["lastRecord"]
        self.eventually(lambda: sink()["shipped"] >= last, "not all is shipped")
        sequences = [json.loads(line)["sequence"] for line in file.read_text().splitlines()]
        self.assertEqual(sorted(set(sequences)), list(range(1, last + 1)))
        self.verify()
