/// An expression for one user as a tree, for a program that evaluates it without reading SQL: nothing of the reader's
/// settings can change what it means. `docs/spark.md` has the operations.
package struct ExpressionTree: Sendable, Codable, Equatable {
    /// What a tree is made of. Nothing else is ever sent.
    package enum Operation: String, Sendable, Codable, CaseIterable {
        /// `value` in the type `type`; no `value` is null.
        case literal
        /// The column named by `value`.
        case column
        case and = "AND"
        case or = "OR"
        case not = "NOT"
        case equal = "="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
        case negate
        case isNull = "IS NULL"
        /// The first argument is looked for among the others.
        case isIn = "IN"
        /// The only argument, like the pattern in `value`.
        case like = "LIKE"
        /// Conditions and values in turn, and what is otherwise, if there is one more.
        case choice = "CASE"
        case lower, upper, trim, length, substring, concat, coalesce, abs, floor, ceil, year, month, day
    }

    /// The type of a literal.
    package enum LiteralType: String, Sendable, Codable, CaseIterable {
        /// Digits, with a point perhaps.
        case number
        case string
        case boolean
        /// `2026-11-21`.
        case date
        /// `2026-11-21 08:30:00`, in UTC.
        case timestamp
        case null
    }

    package var operation: Operation
    package var type: LiteralType?
    package var value: String?
    package var arguments: [ExpressionTree]?

    package init(
        _ operation: Operation, _ arguments: [ExpressionTree]? = nil, type: LiteralType? = nil, value: String? = nil
    ) {
        self.operation = operation
        self.type = type
        self.value = value
        self.arguments = arguments
    }

    package static func literal(_ type: LiteralType, _ value: String?) -> Self {
        Self(.literal, type: type, value: value)
    }

    /// True for no row.
    package static let never = literal(.boolean, "false")

    fileprivate func negated(_ isNegated: Bool) -> Self { isNegated ? Self(.not, [self]) : self }
}

extension PolicyExpression {
    /// The expression with the values of one user in it.
    package func tree(for values: UserValues) -> ExpressionTree {
        func tree(_ part: PolicyExpression) -> ExpressionTree { part.tree(for: values) }
        switch self {
        case .literal(let sql): return Self.literal(sql)
        case .column(let name): return ExpressionTree(.column, value: name)
        case .user: return .literal(.string, values.name)
        case .prefix("NOT", let part): return ExpressionTree(.not, [tree(part)])
        case .prefix(_, let part): return ExpressionTree(.negate, [tree(part)])
        case .infix(let sign, let left, let right): return Self.operation(sign, tree(left), tree(right))
        case .isNull(let part, let negated): return ExpressionTree(.isNull, [tree(part)]).negated(negated)
        case .isIn(let part, let list, let negated):
            return ExpressionTree(.isIn, [tree(part)] + list.map(tree)).negated(negated)
        case .isInSet(let part, let set, let negated):
            let list = values.values(of: set).map { ExpressionTree.literal(.string, $0) }
            guard !list.isEmpty else { return .literal(.boolean, negated ? "true" : "false") }
            return ExpressionTree(.isIn, [tree(part)] + list).negated(negated)
        case .between(let part, let low, let high, let negated):
            let bounds = [
                ExpressionTree(.greaterOrEqual, [tree(part), tree(low)]),
                ExpressionTree(.lessOrEqual, [tree(part), tree(high)]),
            ]
            return ExpressionTree(.and, bounds).negated(negated)
        case .like(let part, let pattern, let negated):
            return ExpressionTree(.like, [tree(part)], value: pattern).negated(negated)
        case .choice(let branches, let otherwise):
            let parts = branches.flatMap { [tree($0.when), tree($0.then)] }
            return ExpressionTree(.choice, parts + (otherwise.map { [tree($0)] } ?? []))
        case .call(let name, let parts):
            guard let function = ExpressionTree.Operation(rawValue: name) else {
                preconditionFailure("every function that the parser knows is an operation: \(name)")
            }
            return ExpressionTree(function, parts.map(tree))
        }
    }

    private static func operation(
        _ sign: String, _ left: ExpressionTree, _ right: ExpressionTree
    ) -> ExpressionTree {
        switch sign {
        case "<>", "!=": return ExpressionTree(.not, [ExpressionTree(.equal, [left, right])])
        case "||": return ExpressionTree(.concat, [left, right])
        default:
            guard let operation = ExpressionTree.Operation(rawValue: sign) else {
                preconditionFailure("every sign that the parser knows is an operation: \(sign)")
            }
            return ExpressionTree(operation, [left, right])
        }
    }

    /// - Parameter sql: as the parser made it.
    private static func literal(_ sql: String) -> ExpressionTree {
        func quoted(behind word: String) -> String { String(sql.dropFirst(word.count + 1).dropLast()) }
        if sql.hasPrefix("'") { return .literal(.string, quoted(behind: "").replacing("''", with: "'")) }
        if sql.hasPrefix("DATE ") { return .literal(.date, quoted(behind: "DATE ")) }
        if sql.hasPrefix("TIMESTAMP ") { return .literal(.timestamp, quoted(behind: "TIMESTAMP ")) }
        switch sql {
        case "TRUE", "FALSE": return .literal(.boolean, sql.lowercased())
        case "NULL": return .literal(.null, nil)
        default: return .literal(.number, sql)
        }
    }
}
