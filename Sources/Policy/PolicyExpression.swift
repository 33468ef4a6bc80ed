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

    fileprivate func values(of set: PolicyExpression.ValueSet) -> [String] {
        switch set {
        case .groups: groups.sorted()
        case .purposes: purposes.sorted()
        case .attribute(let name): (attributes[name] ?? []).sorted()
        }
    }
}

extension PolicyExpression {
    /// The attributes that the expression names.
    package var attributes: Set<String> {
        var names: Set<String> = []
        visit { if case .isInSet(_, .attribute(let name), _) = $0 { names.insert(name) } }
        return names
    }

    /// The expression in SQL, every operation in parentheses, with the values of one user as literals.
    ///
    /// - Parameter values: `nil` leaves `@user` and the sets as they are.
    package func sql(for values: UserValues?) -> String {
        func text(_ part: PolicyExpression) -> String { part.sql(for: values) }
        func not(_ negated: Bool) -> String { negated ? "NOT " : "" }
        switch self {
        case .literal(let literal): return literal
        case .column(let name): return "`\(name.replacing("`", with: "``"))`"
        case .user: return values.map { Self.quoted($0.name) } ?? "@user"
        case .prefix(let sign, let part): return "(\(sign) \(text(part)))"
        case .infix(let sign, let left, let right): return "(\(text(left)) \(sign) \(text(right)))"
        case .isNull(let part, let negated): return "(\(text(part)) IS \(not(negated))NULL)"
        case .isIn(let part, let list, let negated):
            return "(\(text(part)) \(not(negated))IN (\(list.map(text).joined(separator: ", "))))"
        case .isInSet(let part, let set, let negated):
            guard let values else { return "(\(text(part)) \(not(negated))IN \(set.sql))" }
            let list = values.values(of: set)
            guard !list.isEmpty else { return negated ? "TRUE" : "FALSE" }
            return "(\(text(part)) \(not(negated))IN (\(list.map(Self.quoted).joined(separator: ", "))))"
        case .between(let part, let low, let high, let negated):
            return "(\(text(part)) \(not(negated))BETWEEN \(text(low)) AND \(text(high)))"
        case .like(let part, let pattern, let negated):
            return "(\(text(part)) \(not(negated))LIKE \(Self.quoted(pattern)))"
        case .choice(let branches, let otherwise):
            let whens = branches.map { " WHEN \(text($0.when)) THEN \(text($0.then))" }.joined()
            return "CASE\(whens)\(otherwise.map { " ELSE \(text($0))" } ?? "") END"
        case .call(let name, let parts): return "\(name)(\(parts.map(text).joined(separator: ", ")))"
        }
    }

    package var sql: String { sql(for: nil) }

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
        case .isIn(let part, let list, _): ([part] + list).forEach { $0.visit(body) }
        case .between(let part, let low, let high, _): [part, low, high].forEach { $0.visit(body) }
        case .choice(let branches, let otherwise):
            (branches.flatMap { [$0.when, $0.then] } + (otherwise.map { [$0] } ?? [])).forEach { $0.visit(body) }
        case .call(_, let parts): parts.forEach { $0.visit(body) }
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
