import Testing

@testable import Policy

@Suite("Expressions as trees")
struct ExpressionTreeTests {
    private static let columns = [
        TableColumn(name: "n", type: .int), TableColumn(name: "t", type: .string), TableColumn(name: "d", type: .date),
        TableColumn(name: "ok", type: .boolean),
    ]
    private static let alice = UserValues(
        name: "o'neil", groups: ["b", "a"], purposes: [], attributes: ["country": ["DE"]])

    private static func tree(_ text: String) throws -> ExpressionTree {
        try PolicyExpression(reading: text, columns: columns, giving: nil).tree(for: alice)
    }

    /// The tree as LISP has it.
    private static func shown(_ tree: ExpressionTree) -> String {
        if tree.type == .null { return "null" }
        let value = tree.value.map { tree.operation == .literal ? "\(tree.type?.rawValue ?? "?"):\($0)" : $0 }
        let parts = [tree.operation == .literal || tree.operation == .column ? nil : tree.operation.rawValue, value]
        let all = parts.compactMap(\.self) + (tree.arguments ?? []).map(shown)
        return all.count == 1 ? all[0] : "(\(all.joined(separator: " ")))"
    }

    @Test(arguments: [
        ("t = @user", "(= t string:o'neil)"), ("t = 'it''s'", "(= t string:it's)"),
        ("n <> -1.50", "(NOT (= n (negate number:1.50)))"), ("n != 1", "(NOT (= n number:1))"),
        ("t IN @groups", "(IN t string:a string:b)"), ("t NOT IN @attribute('country')", "(NOT (IN t string:DE))"),
        ("t IN @purposes", "boolean:false"), ("t NOT IN @purposes", "boolean:true"),
        ("n NOT BETWEEN 1 AND 2", "(NOT (AND (>= n number:1) (<= n number:2)))"),
        ("t NOT LIKE 'a%'", "(NOT (LIKE a% t))"), ("t IS NOT NULL", "(NOT (IS NULL t))"),
        ("d < DATE '2026-11-21' OR TRUE", "(OR (< d date:2026-11-21) boolean:true)"),
        ("t || 'x'", "(concat t string:x)"), ("coalesce(t, NULL, 'x')", "(coalesce t null string:x)"),
        ("CASE WHEN ok THEN 1 ELSE n % 2 END", "(CASE ok number:1 (% n number:2))"),
        ("year(TIMESTAMP '2026-11-21 08:30:00')", "(year timestamp:2026-11-21 08:30:00)"),
    ])
    func treeHasTheUsersValues(text: String, shown: String) throws {
        #expect(Self.shown(try Self.tree(text)) == shown)
    }

    /// What the parser takes and the tree has no operation for would end the service.
    @Test(arguments: [
        "lower(t)", "upper(t)", "trim(t)", "length(t)", "substring(t, 1, 2)", "concat(t, t)", "coalesce(t)", "abs(n)",
        "floor(n)", "ceil(n)", "year(d)", "month(d)", "day(d)", "n + n - n * n / n % n", "ok AND ok OR NOT ok",
        "n < 1", "n <= 1", "n > 1", "n >= 1", "- n",
    ])
    func everythingThatIsTakenHasATree(text: String) throws {
        #expect(try Self.tree(text).arguments?.isEmpty == false)
    }
}
