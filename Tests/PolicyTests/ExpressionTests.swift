import Testing

@testable import Policy

@Suite("SQL expressions of data policies")
struct ExpressionTests {
    private static let columns = [
        TableColumn(name: "n", type: .int), TableColumn(name: "amount", type: .decimal(precision: 10, scale: 2)),
        TableColumn(name: "t", type: .string), TableColumn(name: "d", type: .date),
        TableColumn(name: "ts", type: .timestamp), TableColumn(name: "ok", type: .boolean),
        TableColumn(name: "two words", type: .string), TableColumn(name: "select", type: .int),
    ]

    private static func read(_ text: String, giving sort: ColumnType.Sort? = .boolean) throws -> PolicyExpression {
        try PolicyExpression(reading: text, columns: columns, giving: sort)
    }

    @Test(arguments: [
        "ok", "NOT ok", "TRUE", "n = 1", "N = 1", "n <> -1.5", "n != 1", "t = 'it''s'", "t LIKE 'a%'",
        "t NOT LIKE '_b'",
        "n IN (1, 2, 3)", "t NOT IN ('a', 'b')", "n BETWEEN 1 AND 2 AND ok", "n NOT BETWEEN 1 AND 2", "t IS NULL",
        "t IS NOT NULL OR ok", "t = @user", "t IN @groups", "t NOT IN @purposes", "t IN @attribute('country')",
        "d > DATE '2026-11-21'", "ts <= TIMESTAMP '2026-11-21 08:30:00'", "amount * 2 + n % 3 < 10 / 4",
        "lower(t) || upper(t) = trim(t)", "length(t) > 3", "substring(t, 1, 2) = 'ab'", "coalesce(t, 'x') = 'x'",
        "abs(n) = floor(amount)", "year(d) = 2026 AND month(d) = 11 AND day(d) = 21", "`two words` = 'x'",
        "`select` = 1", "CASE WHEN ok THEN n ELSE 2 END = 1", "(((ok)))", "concat(t, t) = 'aa'", "NULL IS NULL",
    ])
    func booleanExpressionIsTaken(text: String) throws {
        let expression = try Self.read(text)
        #expect(try Self.read(expression.sql) == expression, "\(expression.sql)")
    }

    @Test(arguments: [
        "", "n", "t", "1", "'a'", "@user", "@groups", "n +", "n = 1 n = 2", "n = 1;", "n = 1; DROP TABLE x",
        "TRUE -- x",
        "TRUE /* x */", "x = 1", "SELECT TRUE", "n IN (SELECT 1)", "EXISTS (SELECT 1)", "n = 't'", "t = 1",
        "d = '2026'",
        "ok = 1", "ok + 1 = 2", "t + 1 = 2", "n || t = 'x'", "rand() < 1", "lower(n) = 'x'", "lower(t, t) = 'x'",
        "substring(t) = 'x'", "t IN ()", "t IN @user", "t = @groups", "n IN @groups", "t IN @attribute(country)",
        "t IN @nobody", "t = 'open", "t = 'a\\b'", "t = 'a\nb'", "`t = 1", "DATE '2026-02-30' = d", "d = DATE 'x'",
        "n = 1)", "(n = 1", "n == 1", "NOT n", "n AND ok", "CASE WHEN n THEN 1 END = 1",
        "CASE WHEN ok THEN n ELSE t END = 1",
        "t LIKE n", "t LIKE t", "cast(t AS int) = 1", "n BETWEEN 1 OR 2", "t RLIKE 'a'", "1e5000 = n", "\"t\" = 'x'",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: ExpressionFault.self) { try Self.read(text) }
    }

    @Test func depthAndLengthAreBounded() throws {
        let nested = { String(repeating: "(", count: $0) + "ok" + String(repeating: ")", count: $0) }
        _ = try Self.read(nested(30))
        #expect(throws: ExpressionFault.self) { try Self.read(nested(65)) }
        #expect(throws: ExpressionFault.self) { try Self.read(String(repeating: "NOT ", count: 65) + "ok") }
        #expect(throws: ExpressionFault.self) { try Self.read("t = '\(String(repeating: "a", count: 4_096))'") }
        #expect(throws: ExpressionFault.self) {
            try Self.read(String(repeating: "(", count: 4_000))
        }
    }

    @Test func valuesOfAUserAreLiteralsThatSparkReadsAsTheyAre() throws {
        let user = UserValues(
            name: #"o'\x"#, groups: ["b", "a"], purposes: [], attributes: ["country": [#"\' OR TRUE"#]])
        #expect(try Self.read("t = @user").sql(for: user) == #"(`t` = 'o\'\\x')"#)
        #expect(try Self.read("t IN @groups").sql(for: user) == "(`t` IN ('a', 'b'))")
        #expect(try Self.read("t IN @attribute('country')").sql(for: user) == #"(`t` IN ('\\\' OR TRUE'))"#)
        #expect(try Self.read("t = 'it''s'").sql(for: user) == #"(`t` = 'it\'s')"#)
    }

    @Test func emptySetIsInNothing() throws {
        let user = UserValues(name: "u", groups: [], purposes: [], attributes: [:])
        #expect(try Self.read("t IN @groups").sql(for: user) == "FALSE")
        #expect(try Self.read("t NOT IN @attribute('x')").sql(for: user) == "TRUE")
    }

    @Test func attributesThatAreNamedAreFound() {
        #expect(PolicyExpression.attributes(in: "a IN @attribute('x') OR NOT b IN @attribute('y')") == ["x", "y"])
        #expect(PolicyExpression.attributes(in: "no expression (") == [])
    }
}
