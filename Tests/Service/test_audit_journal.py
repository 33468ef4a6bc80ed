"""The journal on disk: verified, signed, rotated, compressed, removed, reported and exported."""

import csv
import io
import json
import os
import subprocess

from cluster.processes import wait_until

from .fixture import PROGRAM, ServiceTest
from .wire import ANSWERS, Wire, answers, ask, question

IN_A_FRAME = 1_000


class JournalTest(ServiceTest):
    def configure(self, **settings):
        """Adds fields to the section `audit` of the configuration."""
        file = self.sidecar.configuration
        lines = "".join(f"  {name.replace('_', '-')}: {value}\n" for name, value in settings.items())
        file.write_text(file.read_text().replace("audit:\n", "audit:\n" + lines))

    @property
    def audit(self):
        return self.directory / "audit"

    def segments(self):
        return sorted(file.name for file in self.audit.glob("journal-*.azaj*") if "torn" not in file.name)

    def read(self, count, principal="alice@EXAMPLE.COM", path="/data/sales"):
        """Asks for reads of `count` paths below a path; each has to be allowed."""
        with Wire(self.sidecar.socket) as connection:
            for first in range(0, count, IN_A_FRAME):
                numbers = range(first, min(count, first + IN_A_FRAME))
                connection.send(ask(first, *(question(principal, f"{path}/{number:0100}") for number in numbers)))
                kind, _, body = connection.receive()
                assert kind == ANSWERS, kind
                assert {answer[0] for answer in answers(body)} == {"allow"}

    def verify(self, *arguments):
        return subprocess.run(
            [PROGRAM, "audit", "verify", "--config", self.sidecar.configuration, *arguments],
            capture_output=True, text=True)

    def verified(self, *arguments):
        """What `audit verify --json` says of a journal that nothing is wrong with."""
        done = self.verify("--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class Verify(JournalTest):
    def setUp(self):
        super().setUp()
        self.configure(signing_key=self.directory / "key")
        self.start()
        self.read(100)

    def test_running_service(self):
        result = self.verified()
        self.assertEqual((result["records"], result["first"]), (101, 1))

    def test_signed_to_the_last_record_when_the_service_ends(self):
        self.assertEqual(self.sidecar.stop(), 0)
        result = self.verified()
        self.assertEqual((result["records"], result["signedThrough"], result["notes"]), (101, 101, []))
        self.sidecar.start()
        self.assertEqual(self.sidecar.json("audit", "stats")["signedThrough"], 101)

    def test_changed_record_is_named_with_its_place(self):
        self.sidecar.stop()
        segment = self.audit / self.segments()[0]
        data = bytearray(segment.read_bytes())
        place = data.index(b"/data/sales/")
        data[place + 1] ^= 1
        segment.write_bytes(data)
        done = self.verify()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"not as it was written: `{segment}`, byte \d+: the checksum does not fit")

    def test_end_that_was_cut_off_is_found_by_its_checkpoint(self):
        self.sidecar.stop()
        segment = self.audit / self.segments()[0]
        data = segment.read_bytes()
        place = 72
        for _ in range(90):
            # Length, checksum, and what is as long as it says.
            place += 8 + int.from_bytes(data[place:place + 4], "little")
        segment.write_bytes(data[:place])
        done = self.verify()
        self.assertEqual(done.returncode, 1)
        self.assertIn("a checkpoint signs record 101: what was between them was cut off", done.stderr)

    def test_public_key_is_enough_on_another_machine(self):
        self.sidecar.stop()
        printed = subprocess.run(
            [PROGRAM, "audit", "key", "--config", self.sidecar.configuration], capture_output=True, text=True, check=True)
        key = printed.stdout.strip()
        self.assertNotIn((self.directory / "key").read_text().strip(), printed.stdout)
        result = self.verified("--directory", str(self.audit), "--public-key", key)
        self.assertEqual(result["signedThrough"], 101)
        other = "A" * 43 + "="
        done = self.verify("--directory", str(self.audit), "--public-key", other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("was signed with another key", done.stderr)

    def test_segment_that_is_not_there(self):
        done = self.verify("journal-00000000000000000007.azaj")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no", done.stderr)
        self.assertEqual(self.verify("something").returncode, 2)

    def test_key_that_is_gone_keeps_the_service_from_starting(self):
        self.sidecar.stop()
        (self.directory / "key").unlink()
        done = subprocess.run(
            [PROGRAM, "serve", "--config", self.sidecar.configuration], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("authorizer audit key", done.stderr)


class Rotation(JournalTest):
    """A segment of 1 MiB holds about 4,000 of these records."""

    def test_old_segments_are_compressed_and_still_asked(self):
        self.configure(segment_megabytes=1, compress_after_hours=0, signing_key=self.directory / "key")
        self.start()
        self.read(15_000)
        self.assertTrue(
            wait_until(lambda: sum(name.endswith(".zst") for name in self.segments()) >= 2, 60, 0.05),
            self.segments())
        path = f"/data/sales/{1_234:0100}"
        self.assertEqual([record["path"] for record in self.sidecar.audit(path=path)], [path])
        # With that of the policies, and that of the query.
        self.assertEqual(self.verified()["records"], 15_002)
        # `zstd -d` makes the segment of it again.
        packed = self.audit / next(name for name in self.segments() if name.endswith(".zst"))
        plain = subprocess.run(["zstd", "-dc", packed], capture_output=True, check=True).stdout
        self.assertTrue(plain.startswith(b"AZAJ"))
        self.assertIn(b"/data/sales/", plain)
        self.sidecar.kill()
        self.sidecar.start()
        self.assertEqual(self.sidecar.audit(path="/data/sales", limit=1)[0]["sequence"], 15_001)

    def test_oldest_segments_are_removed_and_that_is_recorded(self):
        self.configure(
            segment_megabytes=1, keep_megabytes=8, compress_after_hours="never", signing_key=self.directory / "key")
        self.start()
        self.read(60_000)

        def removals():
            return [r for r in self.sidecar.audit(principal="authorizer") if r["kind"] == "administration"]

        self.assertTrue(wait_until(removals, 60, 0.1), self.segments())
        # An earlier one may have gone with a segment itself.
        self.assertRegex(removals()[-1]["detail"], r"^audit records \d+ to \d+ were removed, in \d+ segments")
        self.assertEqual(self.sidecar.audit(path=f"/data/sales/{0:0100}"), [])
        stats = self.sidecar.json("audit", "stats")
        self.assertGreater(stats["first"], 1)
        result = self.verified()
        self.assertEqual(result["first"], stats["first"])
        # What was before is vouched for by a checkpoint.
        self.assertEqual(result["notes"], [])

    def test_each_segment_says_its_durability(self):
        self.start()
        self.read(1)
        self.assertEqual(self.sidecar.json("audit", "stats")["durability"], "process")
        self.sidecar.stop()
        self.configure(durability="disk")
        self.sidecar.start()
        self.read(1)
        self.assertEqual(self.sidecar.json("audit", "stats")["durability"], "disk")
        self.assertEqual(len(self.segments()), 2)
        self.assertEqual(self.verified()["records"], 3)


class Reports(JournalTest):
    def setUp(self):
        super().setUp()
        self.start()
        self.read(3)
        with Wire(self.sidecar.socket) as connection:
            for _ in range(2):
                connection.decide("bob@EXAMPLE.COM", "/data/sales/x")
            connection.decide("alice@EXAMPLE.COM", "/data/orders/x")
            connection.decide("hive", "/data/sales/=1+1,\"x\"")

    def test_report_by_data_source_and_reader(self):
        rows = {(row["dataSource"], row["reader"]): row for row in self.sidecar.json("audit", "report")["rows"]}
        self.assertEqual(
            {key: (row["allowed"], row["denied"], row["native"]) for key, row in rows.items()},
            {
                ("sales", "alice"): (3, 0, 0), ("sales", "bob"): (0, 2, 0), ("orders", "alice"): (0, 1, 0),
                ("sales", "hive"): (0, 0, 1),
            })
        self.assertEqual(rows["sales", "bob"]["denials"], {"not-subscribed": 2})
        self.assertEqual(rows["orders", "alice"]["denials"], {"raw-table-read": 1})
        first = self.sidecar.audit(user="bob", decision="deny")[0]["time"]
        words = self.sidecar.run("audit", "report", "--by", "user", "--user", "bob").stdout
        self.assertEqual(words.splitlines()[0], "bob")
        self.assertIn(f"sales: allowed 0, denied 2 (not-subscribed 2), native 0, first {first}", words)

    def test_export_as_json_lines_is_what_a_query_says(self):
        exported = self.sidecar.run("audit", "export", "--path", "/data")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        self.assertEqual([json.loads(line) for line in exported.stdout.splitlines()], self.sidecar.audit(path="/data"))

    def test_export_as_csv_can_be_read_back_and_holds_no_formula(self):
        exported = self.sidecar.run("audit", "export", "--format", "csv", "--data-source", "sales")
        rows = list(csv.DictReader(io.StringIO(exported.stdout)))
        records = self.sidecar.audit(data_source="sales")
        self.assertEqual([row["sequence"] for row in rows], [str(record["sequence"]) for record in records])
        self.assertEqual([row["path"] for row in rows], [record["path"] for record in records])
        for row in rows:
            for value in row.values():
                self.assertNotRegex(value, r"^[=+@-]")

    def test_export_of_more_than_a_page(self):
        self.read(11_000, path="/data/sales/many")
        exported = self.sidecar.run("audit", "export", "--path", "/data/sales/many")
        sequences = [json.loads(line)["sequence"] for line in exported.stdout.splitlines()]
        self.assertEqual(len(sequences), 11_000)
        self.assertEqual(sequences, sorted(set(sequences)))

    def test_who_asked_for_what_is_recorded_once_however_many_pages_it_had(self):
        self.read(11_000, path="/data/sales/many")
        self.sidecar.run("audit", "export", "--path", "/data/sales/many", "--since", "2026-01-02T00:00:00Z")
        self.sidecar.audit(user="bob", limit=1)
        self.sidecar.run("audit", "report", "--decision", "deny")
        records = [r for r in self.sidecar.audit(limit=100) if r.get("detail", "").startswith("audit ")]
        self.assertEqual([(r["kind"], r["principal"]) for r in records], [("administration", f"uid {os.getuid()}")] * 3)
        self.assertEqual(
            [r["detail"] for r in records],
            [
                "audit query --path /data/sales/many --since 2026-01-02T00:00:00Z", "audit query --user bob",
                "audit report --decision deny",
            ])

    def test_query_by_grant_and_job_finds_only_theirs(self):
        self.assertEqual(self.sidecar.audit(grant="1"), [])
        self.assertEqual(self.sidecar.audit(job="app-1"), [])
