"""Random queries over two tables and a view, by a seed."""

import random

COLUMNS = [("id", "int"), ("name", "string"), ("email", "string"), ("country", "string"), ("score", "double")]
SOURCES = ("first", "second", "view")


class Generator:
    """Makes queries whose columns are called c0, c1 and so on. `{first}`, `{second}` and `{view}` stand for what is read.

    What a query gives does not hang on the order in which rows come.
    """

    def __init__(self, seed):
        self.random = random.Random(seed)

    def query(self, depth=3):
        """A query with the types of its columns."""
        shapes = [self.scan] if depth == 0 else [
            self.scan, self.selection, self.selection, self.join, self.join, self.aggregate, self.grouping, self.union,
            self.common, self.window, self.lateral, self.pivot, self.top, self.generated, self.computed]
        return self.random.choice(shapes)(depth - 1)

    def scan(self, _):
        table = "{" + self.random.choice(SOURCES) + "}"
        count = self.random.randint(1, len(COLUMNS))
        columns = self.random.sample(COLUMNS, count)
        names = ", ".join(f"{name} c{place}" for place, (name, _) in enumerate(columns))
        distinct = self.random.choice(["", "", "DISTINCT "])
        return f"SELECT {distinct}{names} FROM {table}{self.random.choice([' t', ''])}", [kind for _, kind in columns]

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
            f"NOT EXISTS (SELECT 1 FROM {{view}} s WHERE s.id = {column} AND s.country = 'DE')",
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
        kind = self.random.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"])
        if not pairs:
            return left, left_kinds
        l, r = self.random.choice(pairs)
        names = [f"a.c{place}" for place in range(len(left_kinds))]
        kinds = left_kinds
        if kind not in ("LEFT SEMI JOIN", "LEFT ANTI JOIN"):
            names += [f"b.c{place}" for place in range(len(right_kinds))]
            kinds = left_kinds + right_kinds
        chosen = sorted(self.random.sample(range(len(names)), min(len(names), 6)))
        listed = ", ".join(f"{names[place]} c{number}" for number, place in enumerate(chosen))
        hint = self.random.choice(["", "", "/*+ MERGE(b) */ ", "/*+ SHUFFLE_HASH(b) */ "])
        return (f"SELECT {hint}{listed} FROM ({left}) a {kind} ({right}) b ON a.c{l} = b.c{r}",
                [kinds[place] for place in chosen])

    def aggregate(self, depth):
        inner, kinds = self.query(depth)
        key = self.random.randrange(len(kinds))
        value = self.random.randrange(len(kinds))
        what = self.random.choice(["count", "min", "max", "count(DISTINCT"])
        call = f"{what} c{value})" if "(" in what else f"{what}(c{value})"
        kind = kinds[value] if what in ("min", "max") else "int"
        having = self.random.choice(["", " HAVING count(*) > 1"])
        return f"SELECT c{key} c0, {call} c1 FROM ({inner}) q GROUP BY c{key}{having}", [kinds[key], kind]

    def grouping(self, depth):
        inner, kinds = self.query(depth)
        keys = [f"c{place}" for place in range(min(2, len(kinds)))]
        word = self.random.choice(["ROLLUP", "CUBE"])
        listed = ", ".join(f"{key} {key}" for key in keys)
        return (f"SELECT {listed}, count(*) FILTER (WHERE c0 IS NOT NULL) c{len(keys)} FROM ({inner}) q "
                f"GROUP BY {word} ({', '.join(keys)})", [*kinds[:len(keys)], "int"])

    def union(self, depth):
        (left, kinds), (right, others) = self.query(depth), self.query(depth)
        word = self.random.choice(["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"])
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

    def window(self, depth):
        inner, kinds = self.query(depth)
        everything = ", ".join(f"c{place}" for place in range(len(kinds)))
        key = self.random.randrange(len(kinds))
        call, kind = self.random.choice([
            ("row_number()", "int"), ("dense_rank()", "int"), (f"lag(c{key})", kinds[key]), (f"max(c{key})", kinds[key])])
        return (f"SELECT {everything}, {call} OVER (PARTITION BY c{self.random.randrange(len(kinds))} "
                f"ORDER BY {everything}) c{len(kinds)} FROM ({inner}) q", [*kinds, kind])

    def lateral(self, depth):
        inner, kinds = self.query(depth)
        place = self.random.randrange(len(kinds))
        column = "country" if kinds[place] == "string" else "id"
        return (f"SELECT q.*, l.n c{len(kinds)} FROM ({inner}) q, LATERAL (SELECT count(*) n FROM {{first}} f "
                f"WHERE f.{column} = q.c{place}) l", [*kinds, "int"])

    def pivot(self, depth):
        inner, kinds = self.query(depth)
        value = self.random.randrange(len(kinds))
        return (f"SELECT `1` c0, `2` c1 FROM (SELECT CASE WHEN {self.condition(kinds, 'q')} THEN 1 ELSE 2 END k, "
                f"c{value} v FROM ({inner}) q) PIVOT (count(v) FOR k IN (1, 2))", ["int", "int"])

    def top(self, depth):
        inner, kinds = self.query(depth)
        listed = ", ".join(
            f"c{place} {self.random.choice(['ASC', 'DESC', 'ASC NULLS LAST'])}" for place in range(len(kinds)))
        offset = self.random.choice(["", " OFFSET 2"])
        bounds = f"LIMIT {self.random.randint(3, 20)}{offset}"
        return f"SELECT * FROM (SELECT * FROM ({inner}) q ORDER BY {listed} {bounds}) q", kinds

    def generated(self, depth):
        inner, kinds = self.query(depth)
        place = self.random.randrange(len(kinds))
        outer = self.random.choice(["", "OUTER "])
        values = f"filter(array(q.c{place}, NULL), x -> x IS NOT NULL)"
        return (f"SELECT q.*, e.x c{len(kinds)} FROM ({inner}) q LATERAL VIEW {outer}explode({values}) e AS x",
                [*kinds, kinds[place]])

    def computed(self, depth):
        inner, kinds = self.query(depth)
        place = self.random.randrange(len(kinds))
        column = f"q.c{place}"
        value, kind = self.random.choice(
            [(f"upper({column})", "string"), (f"length({column})", "int"), (f"coalesce({column}, 'none')", "string")]
            if kinds[place] == "string" else
            [(f"{column} + 1", kinds[place]), (f"abs({column})", kinds[place]),
             (f"(SELECT max(s.email) FROM {{second}} s WHERE s.id = {column})", "string")])
        return f"SELECT {value} c0 FROM ({inner}) q WHERE {self.condition(kinds, 'q')}", [kind]
