"""What is not understood is refused; and that nothing of Spark's own came in unlooked at."""

import pathlib
import shutil
import subprocess

from .fixture import CUSTOMERS, REPOSITORY, VERSION, SparkTest

from cluster import java
from spark import spark_home

EMAILS = [row[2] for row in CUSTOMERS if row[2]]
TREATMENTS = {
    "command": {"harmless", "refused"}, "leaf": {"leaf", "relation", "refused", "unresolved"},
    "operator": {"operator", "refused", "unresolved"}, "expression": {"expression", "refused", "unresolved"},
}


class PlanNodes(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spark.table("strange_secrets", "parquet")
        (part,) = cls.spark.table("strange_lines", "csv").glob("part-*")
        cls.lines = str(part)
        free = cls.spark.directory / "lines"
        free.mkdir()
        cls.free = shutil.copy(part, free)

    def test_every_class_of_this_spark_is_in_the_list_with_what_becomes_of_it(self):
        program = pathlib.Path(__file__).with_name("PlanNodes.java")
        command = [java.java_home() / "bin" / "java", "-XX:TieredStopAtLevel=1", program, spark_home(VERSION) / "jars"]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
        found = dict(reversed(line.split()) for line in done.stdout.splitlines())
        self.assertGreater(len(found), 200)
        lines = (REPOSITORY / "Hadoop" / "spark" / "nodes" / f"{VERSION}.txt").read_text().splitlines()
        listed = dict(reversed(line.split()) for line in lines if line and not line.startswith("#"))
        self.assertEqual(sorted(set(found) - set(listed)), [], "classes that nobody has looked at")
        self.assertEqual(sorted(set(listed) - set(found)), [], "classes that this Spark does not have")
        wrong = {name: listed[name] for name, kind in found.items() if listed[name] not in TREATMENTS[kind]}
        self.assertEqual(wrong, {})

    def run_plan(self, user, node):
        """What a plan gives, as one text."""
        state = self.spark.session(user)._jsparkSession.sessionState()
        execution = state.executePlan(node, getattr(state, "executePlan$default$2")())
        execution.assertAnalyzed()
        return str([row.toString() for row in execution.executedPlan().executeCollectPublic()])

    def analysed(self, user, text="SELECT * FROM strange_secrets"):
        return self.spark.session(user).sql(text)._jdf.queryExecution().analyzed()

    def strange(self, name):
        return getattr(self.spark.driver._jvm.strange, name)

    def relation(self):
        """The table itself, as it is in the plan of one whom no policy binds."""
        plan = self.analysed("ivy")
        while plan.children().nonEmpty():
            plan = plan.children().head()
        return plan

    def assert_shows(self, text):
        self.assertTrue(any(email in text for email in EMAILS), text)

    def test_operator_that_nobody_knows(self):
        operator = self.strange("StrangeOperator")
        self.assert_shows(self.run_plan("ivy", operator(self.analysed("ivy"))))
        with self.refused("strange_secrets", "strange.StrangeOperator", "not understood", "owners@example.com"):
            self.run_plan("ann", operator(self.analysed("ann")))
        # Below another one, and over a subquery.
        for text in ("SELECT count(*) FROM strange_secrets", "SELECT (SELECT max(id) FROM strange_secrets)"):
            with self.refused("strange_secrets", "strange.StrangeOperator"):
                self.run_plan("ann", operator(self.analysed("ann", text)))
        # From whom nothing is hidden, and over what nothing protects, nothing is refused.
        self.assert_shows(self.run_plan("finn", operator(self.analysed("finn"))))
        self.assertEqual(self.run_plan("ann", operator(self.analysed("ann", "SELECT 1"))), "['[1]']")

    def test_leaf_that_nobody_knows_and_that_names_a_table(self):
        leaf = self.strange("StrangeLeaf")
        self.assert_shows(self.run_plan("ivy", leaf(self.relation())))
        with self.refused("strange_secrets", "strange.StrangeLeaf", "not understood", "owners@example.com"):
            self.run_plan("ann", leaf(self.relation()))
        with self.refused("strange_secrets", "not subscribed"):
            self.run_plan("bob", leaf(self.relation()))

    def test_leaf_that_nobody_knows_and_that_names_its_files_by_a_string(self):
        leaf = self.strange("StrangeFile")
        self.assert_shows(self.run_plan("ivy", leaf(self.lines)))
        for place in (self.lines, f"file:{self.lines}", f"{self.lines[:-3]}*"):
            with self.subTest(place), self.refused("strange_lines"):
                self.run_plan("ann", leaf(place))
        with self.refused("strange_lines", "strange.StrangeFile", "not understood", "owners@example.com"):
            self.run_plan("ann", leaf(self.lines))
        with self.refused("strange_lines", "not subscribed"):
            self.run_plan("bob", leaf(self.lines))
        # From whom nothing is hidden, and what nothing protects.
        self.assert_shows(self.run_plan("finn", leaf(self.lines)))
        self.assert_shows(self.run_plan("ann", leaf(self.free)))

    def test_relations_of_libraries_that_keep_their_path_in_a_string(self):
        for options in (
            {"path": "{}"}, {"kept": "privately", "place": "{}"}, {"kept": "in options", "paths": "file:{}"},
            {"kept": "in options", "paths": "file:/nowhere/else,file:{}"},
        ):
            def frame(user, place):
                reader = self.spark.session(user).read.format("strange.StrangeProvider")
                return reader.options(**{name: value.format(place) for name, value in options.items()}).load()

            with self.subTest(options):
                if "else" not in str(options):
                    self.assert_shows(str(frame("ivy", self.lines).collect()))
                    self.assert_shows(str(frame("finn", self.lines).collect()))
                    self.assert_shows(str(frame("ann", self.free).collect()))
                with self.refused("strange_lines", "relations of this kind are not understood", "owners@example.com"):
                    frame("ann", self.lines).collect()
                with self.refused("strange_lines", "not subscribed"):
                    frame("bob", self.lines).collect()
        self.sql("ann", f"CREATE TEMPORARY VIEW by_string USING strange.StrangeProvider OPTIONS (path '{self.free}')")
        self.assert_shows(str(self.sql("ann", "SELECT * FROM by_string")))
        with self.refused("strange_lines", "not understood"):
            self.sql("ann", f"CREATE TABLE strangely USING strange.StrangeProvider OPTIONS (place '{self.lines}', "
                     "kept 'privately')")
            self.sql("ann", "SELECT * FROM strangely")

    def test_sources_of_the_second_kind_that_are_told_their_path(self):
        def frame(user, place):
            return self.spark.session(user).read.format("strange.StrangeTables").load(place)

        self.assert_shows(str(frame("ivy", self.lines).collect()))
        self.assert_shows(str(frame("ann", self.free).collect()))
        with self.refused("strange_lines", "relations of this kind are not understood"):
            frame("ann", self.lines).collect()

    def test_command_that_nobody_knows(self):
        table = self.spark.driver._jvm.org.apache.spark.sql.catalyst.TableIdentifier("strange_secrets")
        command = self.strange("StrangeCommand")
        self.assertEqual(self.run_plan("ivy", command(table)), "['[8]']")
        with self.refused("strange_secrets", "StrangeCommand is refused then", "owners@example.com"):
            self.run_plan("ann", command(table))
