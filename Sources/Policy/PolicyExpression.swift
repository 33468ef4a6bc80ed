/// A SQL expression of the subset that policies may use (`docs/policy.md`), with the types of a table's columns.
package indirect enum PolicyExpression: Sendable, Equatable {
    /// A literal as SQL writes it.
    case literal(String)
    case column(String)
    /// `@user`.
    case user
    case prefix(String, PolicyExpression)
    case infix(String, PolicyExpression, PolicyExpression)
    case isNull(PolicyExpression, negated: Bool)
    case isIn(PolicyExpression, [PolicyExpression], negated: Bool)
    case isInSet(PolicyExpression, ValueSet, negated: Bool)
    case between(PolicyExpression, PolicyExpression, PolicyExpression, negated: Bool)
    case like(PolicyExpression, pattern: String, negated: Bool)
    case choice([(when: PolicyExpression, then: PolicyExpression)], otherwise: PolicyExpression?)
    case call(String, [PolicyExpression])

    /// What a user has several of.
    package enum ValueSet: Sendable, Equatable {
        case groups
        case purposes
        case attribute(String)
    }

    package static func == (one: Self, other: Self) -> Bool { one.sql == other.sql }
}

/// What expressions say of a user, put in the place of `@user`, `@groups`, `@purposes` and `@attribute`.
package struct UserValues: Sendable {
    package var name: String
    package var groups: Set<String>
    package var purposes: Set<String>
    package var attributes: [String: Set<String>]

    package init(name: String, groups: Set<String>, purposes: Set<String>, attributes: [String: Set<String>]) {
        self.name = name
        self.groups = groups
        self.purposes = purposes
        self.attributes = attributes
    }

    func values(of set: PolicyExpression.ValueSet) -> [String] {
        switch set {
        case .groups: groups.sorted()
        case .purposes: purposes.sorted()
        case .attribute(let name): (attributes[name] ?? []).sorted()
        }
    }
}

extension PolicyExpression {
    /// The attributes that a text names; none if it is no expression.
    static func attributes(in text: String) -> Set<String> {
        (try? PolicyExpression(reading: text, columns: nil, giving: nil))?.attributes ?? []
    }

    /// The attributes that the expression names.
    package var attributes: Set<String> {
        var names: Set<String> = []
        visit { if case .isInSet(_, .attribute(let name), _) = $0 { names.insert(name) } }
        return names
    }

    /// The expression in SQL, every operation in parentheses, with the values of one user as literals.
    ///
    /// - Parameter values: of a user: the SQL is as Spark reads it by its default settings. `nil` leaves `@user` and the
    ///   sets as they are, and the texts as policy files write them.
    package func sql(for values: UserValues?) -> String {
        func text(_ part: PolicyExpression) -> String { part.sql(for: values) }
        func quoted(_ text: String) -> String { values == nil ? Self.quoted(text) : Self.quotedForSpark(text) }
        func not(_ negated: Bool) -> String { negated ? "NOT " : "" }
        switch self {
        case .literal(let literal):
            guard literal.hasPrefix("'") else { return literal }
            return quoted(String(literal.dropFirst().dropLast()).replacing("''", with: "'"))
        case .column(let name): return "`\(name.replacing("`", with: "``"))`"
        case .user: return values.map { quoted($0.name) } ?? "@user"
        case .prefix(let sign, let part): return "(\(sign) \(text(part)))"
        case .infix(let sign, let left, let right): return "(\(text(left)) \(sign) \(text(right)))"
        case .isNull(let part, let negated): return "(\(text(part)) IS \(not(negated))NULL)"
        case .isIn(let part, let list, let negated):
            return "(\(text(part)) \(not(negated))IN (\(list.map(text).joined(separator: ", "))))"
        case .isInSet(let part, let set, let negated):
            guard let values else { return "(\(text(part)) \(not(negated))IN \(set.sql))" }
            let list = values.values(of: set)
            guard !list.isEmpty else { return negated ? "TRUE" : "FALSE" }
            return "(\(text(part)) \(not(negated))IN (\(list.map(quoted).joined(separator: ", "))))"
        case .between(let part, let low, let high, let negated):
            return "(\(text(part)) \(not(negated))BETWEEN \(text(low)) AND \(text(high)))"
        case .like(let part, let pattern, let negated):
            return "(\(text(part)) \(not(negated))LIKE \(quoted(pattern)))"
        case .choice(let branches, let otherwise):
            let whens = branches.map { " WHEN \(text($0.when)) THEN \(text($0.then))" }.joined()
            return "CASE\(whens)\(otherwise.map { " ELSE \(text($0))" } ?? "") END"
        case .call(let name, let parts): return "\(name)(\(parts.map(text).joined(separator: ", ")))"
        }
    }

    package var sql: String { sql(for: nil) }

    /// Spark takes a backslash for an escape, and before 4.0 two quotes in a row for the end of one text and the
    /// beginning of the next.
    private static func quotedForSpark(_ text: String) -> String {
        "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    private func visit(_ body: (PolicyExpression) -> Void) {
        body(self)
        switch self {
        case .literal, .column, .user: break
        case .prefix(_, let part), .isNull(let part, _), .isInSet(let part, _, _), .like(let part, _, _):
            part.visit(body)
        case .infix(_, let left, let right):
            left.visit(body)
            right.visit(body)
        case .isIn(let part, let list, _):
            part.visit(body)
            for other in list { other.visit(body) }
        case .between(let part, let low, let high, _):
            for other in [part, low, high] { other.visit(body) }
        case .choice(let branches, let otherwise):
            for branch in branches {
                branch.when.visit(body)
                branch.then.visit(body)
            }
            otherwise?.visit(body)
        case .call(_, let parts):
            for part in parts { part.visit(body) }
        }
    }
}

extension PolicyExpression.ValueSet {
    var sql: String {
        switch self {
        case .groups: "@groups"
        case .purposes: "@purposes"
        case .attribute(let name): "@attribute('\(name.replacing("'", with: "''"))')"
        }
    }
}
