"""Data sources as crawls know them: those of the policies in force, from the moment that `policy apply` returns."""

from .fixture import ServiceTest

SALES = "{name: sales, kind: files, directories: [/sales], subscription: anyone}"
LEDGER = "{name: ledger, kind: files, directories: [/ledger], subscription: anyone}"


class DataSources(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start(self.policies(SALES))

    @staticmethod
    def policies(*sources):
        return f"data-sources: [{', '.join(sources)}]\n"

    def names(self):
        return sorted(source["name"] for source in self.sidecar.json("datasource", "list"))

    def test_list_is_that_of_the_policies_just_applied(self):
        # Many times: nothing is in the way of being late but the order of things.
        for _ in range(10):
            self.sidecar.apply(self.policies(SALES, LEDGER), "--prune")
            self.assertEqual(self.names(), ["ledger", "sales"])
            self.sidecar.apply(self.policies(LEDGER), "--prune")
            self.assertEqual(self.names(), ["ledger"])

    def test_one_that_is_gone_is_not_crawled(self):
        self.sidecar.apply(self.policies(LEDGER), "--prune")
        refused = self.sidecar.run("recrawl", "sales")
        self.assertNotEqual(refused.returncode, 0, refused)
        self.assertIn("sales", refused.stderr)

    def test_one_without_a_crawler_is_unhealthy_and_says_why(self):
        (source,) = self.sidecar.json("datasource", "list")
        self.assertIn("no crawler is configured", source["unhealthy"])
        self.assertEqual(self.sidecar.json("status")["crawls"]["unhealthy"], ["sales"])

    def test_what_does_not_concern_them_writes_nothing_of_them(self):
        # Else each change would wait for the disk once for every data source that there is.
        def written():
            self.names()
            (log,) = self.sidecar.directory.rglob("crawls.sqlite-wal")
            return log.read_bytes()

        before = written()
        self.assertGreater(len(before), 0)
        self.sidecar.apply("users: [{name: somebody}]\n")
        self.assertEqual(written(), before)
        self.sidecar.apply(self.policies(LEDGER))
        self.assertNotEqual(written(), before)
