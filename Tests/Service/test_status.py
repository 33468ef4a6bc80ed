"""What monitoring reads: the status as JSON, and the same as metrics."""

import re

from .fixture import ServiceTest

SAMPLE = re.compile(r'authorizer_([a-z_]+)(?:\{([a-z_]+)="((?:[^"\\]|\\.)*)"\})? (\d+)')


class Metrics(ServiceTest):
    def setUp(self):
        super().setUp()
        self.open_to_everybody()
        self.start()

    def metrics(self):
        """By name and label; every sample stands below the lines that say what it is."""
        found = {}
        declared = None
        for line in self.sidecar.run("status", "--metrics").stdout.splitlines():
            words = line.split(" ")
            if words[:2] == ["#", "HELP"]:
                declared = (words[2],)
                self.assertGreater(len(words), 4, line)
            elif words[:2] == ["#", "TYPE"]:
                self.assertEqual((words[2],), declared)
                self.assertIn(words[3], ("counter", "gauge"))
                self.assertEqual(words[3] == "counter", words[2].endswith("_total"), line)
            else:
                name, _, label, value = SAMPLE.fullmatch(line).groups()
                self.assertEqual((f"authorizer_{name}",), declared)
                self.assertNotIn((name, label), found)
                found[name, label] = int(value)
        return found

    def test_metrics_say_what_the_status_says(self):
        for principal in ("nobody@EXAMPLE.COM", "stranger@EXAMPLE.COM"):
            self.decide(principal, "/data/f")
            self.decide(principal, "/elsewhere")
        status, metrics = self.sidecar.json("status"), self.metrics()
        counters = status["counters"]
        self.assertGreater(counters["questions"], 0)
        for decision, count in (("allow", "allowed"), ("deny", "denied"), ("native", "native")):
            self.assertEqual(metrics["decisions_total", decision], counters[count])
        self.assertEqual(metrics["not_protected_total", None], counters["notProtected"])
        self.assertEqual(metrics["policy_version", None], status["policyVersion"])
        self.assertEqual(metrics["data_sources", None], status["dataSources"])
        self.assertEqual(metrics["audit_last_record", None], status["audit"]["lastRecord"])
        self.assertEqual(metrics["audit_failing", None], 0)
        self.assertEqual(
            sorted(label for name, label in metrics if name == "data_source_unhealthy"),
            sorted(status["crawls"]["unhealthy"]))

    def test_names_are_escaped(self):
        self.sidecar.apply('data-sources: [{name: "a\\"b\\\\c", kind: files, directories: [/x], subscription: anyone}]')
        self.assertIn(("data_source_unhealthy", r'a\"b\\c'), self.metrics())

    def test_metrics_and_json_exclude_each_other(self):
        refused = self.sidecar.run("status", "--metrics", "--json")
        self.assertEqual(refused.returncode, 64, refused)
