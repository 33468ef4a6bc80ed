"""A stream over a protected table on a Kerberized HDFS: each batch is read under a grant."""

from .world import ORDERS, POLICIES, SEEN, OrdersTest

# One file in each batch; `found` gets what the batches show.
START = """
found = []
query = session.readStream.option('maxFilesPerTrigger', '1').table('orders').writeStream.option(
    'checkpointLocation', 'file:{checkpoint}').foreachBatch(
        lambda batch, number: found.append([list(row) for row in batch.collect()])).start()
value = 0
"""


class StreamsOnHdfs(OrdersTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.driver.python, "query.stop(); value = 0")

    def start(self):
        self.driver.python(START.format(checkpoint=f"{self.world.directory}/{self.id()}"))

    def batches(self):
        """What the batches show that can be read now."""
        return self.driver.python("query.processAllAvailable(); value = found")

    def add(self, name):
        """One more file with the same rows as the first."""
        self.world.hdfs("-cp", "-p", self.world.files[0], f"/tmp/{name}.parquet")
        self.addCleanup(self.world.hdfs, "-rm", f"/secure/orders/{name}.parquet")
        self.world.hdfs("-mv", f"/tmp/{name}.parquet", f"/secure/orders/{name}.parquet")

    def test_batches_are_read_under_grants_that_come_and_go(self):
        self.await_nothing_held()
        before = self.world.sidecar.json("status")["audit"]["lastRecord"]
        self.start()
        batches = self.batches()
        self.assertEqual(len(batches), 4)
        self.assertEqual(sorted(row for batch in batches for row in batch), SEEN)
        # While nothing comes, there is no grant; for what comes, there is another.
        self.await_nothing_held()
        self.add("more")
        self.assertEqual(len(self.batches()), 5)
        records = [r for r in self.world.sidecar.audit(job=self.driver.application) if r["sequence"] > before]
        reads = [r for r in records if r["kind"] == "decision"]
        self.assertEqual({(r["decision"], r["reason"]) for r in reads}, {("allow", "grant")})
        self.assertGreaterEqual(len({r["grant"] for r in reads}), 2)
        self.assertGreaterEqual(len([r for r in records if r["kind"] == "look-up"]), 5)

    def test_subscription_that_ends_ends_the_stream(self):
        self.start()
        self.assertEqual(len(self.batches()), 4)
        self.world.apply("users: [{name: alice, principal: alice@EXAMPLE.COM}]\n")
        try:
            self.add("late")
            with self.assertRaisesRegex(AssertionError, "authorizer: .*not subscribed.*orders"):
                self.batches()
            self.assertEqual(self.driver.python("value = len(found)"), 4)
        finally:
            self.world.apply(POLICIES + ORDERS)
