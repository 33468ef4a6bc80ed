"""Random queries: over tables that the policies filter and mask, and the same over copies that were filtered and masked
by hand. Never a difference.

AUTHORIZER_QUERIES says how many, AUTHORIZER_SEED which.
"""

import os
import random

from .fixture import CUSTOMERS, SparkTest

COLUMNS = [("id", "int"), ("name", "string"), ("email", "string"), ("country", "string"), ("score", "double")]
ROWS = [(row[0], row[1], row[2], row[3], row[6]) for row in CUSTOMERS] + [
    (number, f"name{number % 7}", f"mail{number}@{number % 3}.example", ("DE", "FR", "JP", "US")[number % 4],
     None if number % 5 == 0 else number * 3.5 - 40) for number in range(10, 40)]

# Of each table: the policies, and what comes of them by hand for Ann, who is in Germany.
TABLES = {
    "first": (
        """[{name: own, where: "country IN @attribute('country') OR score > 20"}]""",
        """[{name: mail, columns: [email], mask: {regex: '^[^@]*', replacement: x}},
            {name: rough, columns: [score], mask: {round: 10}}]""",
        "SELECT id, name, regexp_replace(email, '^[^@]*', 'x') email, country, floor(score / 10) * 10.0D score FROM {raw} "
        "WHERE country IN ('DE') OR score > 20"),
    "second": (
        "[{name: few, where: 'id % 3 <> 1'}, {name: named, where: name IS NOT NULL}]",
        """[{name: names, columns: [name], mask: {expression: "concat(substring(name, 1, 1), '.')"}},
            {name: mail, columns: [email], mask: 'null', when: country = 'JP'}]""",
        "SELECT id, concat(substring(name, 1, 1), '.') name, IF(country <=> 'JP', NULL, email) email, country, score "
        "FROM {raw} WHERE id % 3 <> 1 AND name IS NOT NULL"),
}


class Generator:
    """Makes queries whose columns are called c0, c1 and so on. `{first}` and `{second}` stand for the tables."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def query(self, depth=3):
        """A query with the types of its columns."""
        shapes = [self.scan] if depth == 0 else [
            self.scan, self.selection, self.selection, self.join, self.join, self.aggregate, self.union, self.common]
        return self.random.choice(shapes)(depth - 1)

    def scan(self, _):
        table = "{" + self.random.choice(list(TABLES)) + "}"
        count = self.random.randint(1, len(COLUMNS))
        columns = self.random.sample(COLUMNS, count)
        names = ", ".join(f"{name} c{place}" for place, (name, _) in enumerate(columns))
        return f"SELECT {names} FROM {table}{self.random.choice([' t', ''])}", [kind for _, kind in columns]

    def condition(self, kinds, alias):
        place = self.random.randrange(len(kinds))
        column = f"{alias}.c{place}"
        if kinds[place] == "string":
            return self.random.choice([
                f"{column} > 'd'", f"{column} LIKE '%e%'", f"{column} IS NULL", f"length({column}) > 3",
                f"{column} IN ('DE', 'anna', 'x@example.de', 'n.')",
                f"{column} IN (SELECT country FROM {{first}} WHERE id > 12)"])
        return self.random.choice([
            f"{column} > 12", f"{column} % 2 = 0", f"{column} IS NOT NULL", f"{column} BETWEEN 3 AND 30",
            f"{column} < (SELECT max(id) FROM {{second}})",
            f"EXISTS (SELECT 1 FROM {{second}} s WHERE s.id = {column})",
            f"{column} NOT IN (SELECT id FROM {{first}} WHERE country = 'DE')"])

    def selection(self, depth):
        inner, kinds = self.query(depth)
        words = f"SELECT * FROM ({inner}) q WHERE {self.condition(kinds, 'q')}"
        if self.random.random() < 0.4:
            words += f" {self.random.choice(['AND', 'OR'])} NOT ({self.condition(kinds, 'q')})"
        return words, kinds

    def join(self, depth):
        (left, left_kinds), (right, right_kinds) = self.query(depth), self.query(depth)
        pairs = [(l, r) for l in range(len(left_kinds)) for r in range(len(right_kinds))
                 if (left_kinds[l] == "string") == (right_kinds[r] == "string")]
        kind = self.random.choice(["JOIN", "LEFT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"])
        if not pairs:
            return left, left_kinds
        l, r = self.random.choice(pairs)
        names = [f"a.c{place}" for place in range(len(left_kinds))]
        kinds = left_kinds
        if kind in ("JOIN", "LEFT JOIN", "FULL JOIN"):
            names += [f"b.c{place}" for place in range(len(right_kinds))]
            kinds = left_kinds + right_kinds
        chosen = sorted(self.random.sample(range(len(names)), min(len(names), 6)))
        listed = ", ".join(f"{names[place]} c{number}" for number, place in enumerate(chosen))
        return f"SELECT {listed} FROM ({left}) a {kind} ({right}) b ON a.c{l} = b.c{r}", [kinds[place] for place in chosen]

    def aggregate(self, depth):
        inner, kinds = self.query(depth)
        key = self.random.randrange(len(kinds))
        value = self.random.randrange(len(kinds))
        what = self.random.choice(["count", "min", "max", "count(DISTINCT"])
        call = f"{what} c{value})" if "(" in what else f"{what}(c{value})"
        kind = kinds[value] if what in ("min", "max") else "int"
        having = self.random.choice(["", f" HAVING count(*) > 1"])
        return f"SELECT c{key} c0, {call} c1 FROM ({inner}) q GROUP BY c{key}{having}", [kinds[key], kind]

    def union(self, depth):
        (left, kinds), (right, others) = self.query(depth), self.query(depth)
        word = self.random.choice(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])
        count = min(len(kinds), len(others))
        same = [place for place in range(count) if (kinds[place] == "string") == (others[place] == "string")]
        if not same:
            return left, kinds
        listed = ", ".join(f"c{place}" for place in same)
        renamed = ", ".join(f"c{place} c{number}" for number, place in enumerate(same))
        words = f"SELECT {renamed} FROM (SELECT {listed} FROM ({left}) a {word} SELECT {listed} FROM ({right}) b) u"
        return words, [kinds[place] if kinds[place] == others[place] else "double" for place in same]

    def common(self, depth):
        inner, kinds = self.query(depth)
        name = f"w{self.random.randrange(10 ** 6)}"
        return f"WITH {name} AS ({inner}) SELECT x.* FROM {name} x LEFT SEMI JOIN {name} y ON x.c0 = y.c0", kinds


class RandomQueries(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, (filters, masks, by_hand) in TABLES.items():
            cls.spark.table(f"governed_{name}", "parquet", filters=filters, masks=masks, columns=COLUMNS, rows=ROWS)
            cls.spark.session("ivy").sql(
                f"CREATE TABLE by_hand_{name} USING parquet AS " + by_hand.format(raw=f"governed_{name}"))

    def test_results_are_those_of_tables_filtered_and_masked_by_hand(self):
        count = int(os.environ.get("AUTHORIZER_QUERIES", "60"))
        first = int(os.environ.get("AUTHORIZER_SEED", "1"))
        rows = 0
        for seed in range(first, first + count):
            words, _ = Generator(seed).query()
            governed, by_hand = (
                words.format(first=f"{kind}_first", second=f"{kind}_second") for kind in ("governed", "by_hand"))
            expected = sorted(map(repr, self.sql("ivy", by_hand)))
            found = sorted(map(repr, self.sql("ann", governed)))
            self.assertEqual(found, expected, f"seed {seed}: {governed}")
            rows += len(found)
        # It would be no test if there were nothing to see.
        self.assertGreater(rows, 10 * count)
