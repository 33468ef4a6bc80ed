"""Random queries: over tables that the policies filter and mask, and the same over copies that were filtered and masked
by hand. Never a difference.

AUTHORIZER_QUERIES says how many (60; from 200 on, each kind of plan has to be among them), AUTHORIZER_SEED which.
"""

import collections
import concurrent.futures
import os
import re

from .fixture import CUSTOMERS, SparkTest
from .generator import COLUMNS, SOURCES, Generator

ROWS = [(row[0], row[1], row[2], row[3], row[6]) for row in CUSTOMERS] + [
    (number, f"name{number % 7}", f"mail{number}@{number % 3}.example", ("DE", "FR", "JP", "US")[number % 4],
     None if number % 5 == 0 else number * 3.5 - 40) for number in range(10, 40)]

# Of each table: its format, the policies, and what comes of them by hand for Ann, who is in Germany.
TABLES = {
    "first": (
        "parquet",
        """[{name: own, where: "country IN @attribute('country') OR score > 20"}]""",
        """[{name: mail, columns: [email], mask: {regex: '^[^@]*', replacement: x}},
            {name: rough, columns: [score], mask: {round: 10}}]""",
        "SELECT id, name, regexp_replace(email, '^[^@]*', 'x') email, country, floor(score / 10) * 10.0D score FROM {raw} "
        "WHERE country IN ('DE') OR score > 20"),
    "second": (
        "orc",
        "[{name: few, where: 'id % 3 <> 1'}, {name: named, where: name IS NOT NULL}]",
        """[{name: names, columns: [name], mask: {expression: "concat(substring(name, 1, 1), '.')"}},
            {name: mail, columns: [email], mask: 'null', when: country = 'JP'}]""",
        "SELECT id, concat(substring(name, 1, 1), '.') name, IF(country <=> 'JP', NULL, email) email, country, score "
        "FROM {raw} WHERE id % 3 <> 1 AND name IS NOT NULL"),
}
VIEW = ("CREATE VIEW {kind}_view AS SELECT a.id, b.name, a.email, coalesce(b.country, a.country) country, b.score "
        "FROM {kind}_first a LEFT JOIN {kind}_second b ON a.id = b.id OR a.email = b.email")

# Each has to be in the plans of a run, at least as often as this.
KINDS = [
    "Project", "Filter", "Aggregate", "Window", "Union", "Intersect", "Except", "Distinct", "Sort", "GlobalLimit", "Offset",
    "Expand", "Generate", "LateralJoin", "View", "SubqueryAlias", "CTERelationRef", "Join Inner", "Join LeftOuter",
    "Join RightOuter", "Join FullOuter", "Join LeftSemi", "Join LeftAnti", "scalar-subquery", "exists", "list",
]
LEAST = 3


class SparksOwnFault(str):
    """The class of an exception out of Spark's optimizer. It has to be the same on both sides."""


def kinds(plan):
    """What an analysed plan is made of, as Spark prints it."""
    found = re.findall(r"^[ :+\-]*(Join \w+|\w+)", plan, re.MULTILINE)
    return found + re.findall(r"(scalar-subquery|exists|list)#", plan)


class RandomQueries(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ivy = cls.spark.session("ivy")
        for name, (format, filters, masks, by_hand) in TABLES.items():
            cls.spark.table(f"governed_{name}", format, filters=filters, masks=masks, columns=COLUMNS, rows=ROWS)
            ivy.sql(f"CREATE TABLE by_hand_{name} USING parquet AS " + by_hand.format(raw=f"governed_{name}"))
        for kind in ("governed", "by_hand"):
            ivy.sql(VIEW.format(kind=kind))

    def test_results_are_those_of_tables_filtered_and_masked_by_hand(self):
        count = int(os.environ.get("AUTHORIZER_QUERIES", "60"))
        first = int(os.environ.get("AUTHORIZER_SEED", "1"))
        print(f"seeds {first} to {first + count - 1}")
        session = self.spark.session("ann")
        from py4j.protocol import Py4JJavaError  # of the Spark that is tested, which the fixture has found

        def rows(frame):
            """What a query gives; or in what words Spark's own optimizer gives up on it, with or without policies."""
            try:
                return sorted(map(repr, map(tuple, frame.collect())))
            except Py4JJavaError as error:
                return SparksOwnFault(error.java_exception.getClass().getName())

        def compare(seed):
            words, _ = Generator(seed).query()
            governed, by_hand = (
                session.sql(words.format(**{source: f"{kind}_{source}" for source in SOURCES}))
                for kind in ("governed", "by_hand"))
            plan = governed._jdf.queryExecution().analyzed().toString()
            return seed, words, rows(governed), rows(by_hand), kinds(plan)

        seen = collections.Counter()
        shown = 0
        faults = []
        # Whole-stage code takes longer to compile than such queries to run: a part of them goes without, as large
        # queries do.
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            for whole, seeds in (("true", range(first, first + count, 4)), (
                    "false", [seed for seed in range(first, first + count) if (seed - first) % 4])):
                session.conf.set("spark.sql.codegen.wholeStage", whole)
                try:
                    for seed, words, found, expected, made_of in threads.map(compare, seeds):
                        self.assertEqual(found, expected, f"seed {seed}: {words}")
                        if isinstance(found, SparksOwnFault):
                            faults.append((seed, found))
                            continue
                        seen.update(made_of)
                        shown += len(found)
                finally:
                    session.conf.unset("spark.sql.codegen.wholeStage")
        print(f"{len(faults)} that Spark cannot do either way: {faults}")
        self.assertLess(len(faults), max(2, count // 50))
        # It would be no test if there were nothing to see, or little of Spark to see it through.
        self.assertGreater(shown, 5 * count)
        if count >= 200:
            self.assertEqual([kind for kind in KINDS if seen[kind] < LEAST], [], seen)
