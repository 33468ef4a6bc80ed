/// What the parts of objects say, field by field, and what they name.

extension Subscription {
    var fields: [ObjectField] {
        switch self {
        case .anyone: [ObjectField("subscription", "anyone")]
        case .approval(let terms):
            [
                ObjectField("subscription", "approval"),
                ObjectField("subscription.approval.approvers.users", terms.users),
                ObjectField("subscription.approval.approvers.groups", terms.groups),
                ObjectField("subscription.approval.at-most", terms.atMost?.description),
            ]
        case .condition(let condition):
            [ObjectField("subscription", "condition"), ObjectField("subscription.condition", condition.json)]
        case .individuals(let roster):
            [ObjectField("subscription", "individuals")] + roster.fields("subscription")
        }
    }

    var references: [ObjectReference] {
        switch self {
        case .anyone: []
        case .approval(let terms):
            ObjectReference.each(.user, terms.users, in: "subscription.approval.approvers.users")
                + ObjectReference.each(.group, terms.groups, in: "subscription.approval.approvers.groups")
        case .condition(let condition): condition.references
        case .individuals(let roster): roster.references("subscription")
        }
    }
}

extension Roster {
    func fields(_ field: String) -> [ObjectField] {
        [ObjectField("\(field).users", Self.words(users)), ObjectField("\(field).groups", Self.words(groups))]
    }

    func references(_ field: String) -> [ObjectReference] {
        ObjectReference.each(.user, users.keys, in: "\(field).users")
            + ObjectReference.each(.group, groups.keys, in: "\(field).groups")
    }

    private static func words(_ entries: [String: Instant]) -> [String] {
        entries.map { name, until in until == .never ? name : "\(name) until \(until)" }
    }
}

extension Condition {
    fileprivate var references: [ObjectReference] {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.references)
        case .not(let condition): condition.references
        case .group(let name): ObjectReference.each(.group, [name], in: "subscription.condition")
        case .attribute(let name, _): ObjectReference.each(.attribute, [name], in: "subscription.condition")
        }
    }
}

extension Exemption {
    fileprivate func fields(_ field: String) -> [ObjectField] {
        [
            ObjectField("\(field).users", users), ObjectField("\(field).groups", groups),
            ObjectField("\(field).purposes", purposes),
        ] + attributes.map { ObjectField("\(field).attributes.\($0)", $1) }
    }

    fileprivate func references(_ field: String) -> [ObjectReference] {
        ObjectReference.each(.user, users, in: "\(field).users")
            + ObjectReference.each(.group, groups, in: "\(field).groups")
            + ObjectReference.each(.attribute, attributes.keys, in: "\(field).attributes")
            + ObjectReference.each(.purpose, purposes, in: "\(field).purposes")
    }
}

extension FileRule {
    var fields: [ObjectField] {
        let field = "file-rules.\(name)"
        return [
            ObjectField(field, "rule"), ObjectField("\(field).date", date?.word),
            ObjectField("\(field).younger-than", youngerThan?.description),
            ObjectField("\(field).older-than", olderThan?.description),
            ObjectField("\(field).with-tags", withTags), ObjectField("\(field).without-tags", withoutTags),
        ] + (except?.fields("\(field).except") ?? [])
    }

    var references: [ObjectReference] {
        ObjectReference.each(.tag, withTags, in: "file-rules.\(name).with-tags")
            + ObjectReference.each(.tag, withoutTags, in: "file-rules.\(name).without-tags")
            + (except?.references("file-rules.\(name).except") ?? [])
    }
}

extension FileRule.Date {
    /// As policy files write it.
    package var word: String {
        switch self {
        case .modificationTime: "modification-time"
        case .component(let word): word
        }
    }
}

extension TableColumn {
    /// - Parameter index: the place of the column: the order of columns has a meaning.
    func fields(at index: Int) -> [ObjectField] {
        [
            ObjectField("columns.\(name)", "\(index + 1): \(type)"), ObjectField("columns.\(name).tags", tags),
        ]
    }
}

extension RowFilter {
    var fields: [ObjectField] {
        [ObjectField("row-filters.\(name).where", condition)] + (except?.fields("row-filters.\(name).except") ?? [])
    }

    var references: [ObjectReference] {
        (except?.references("row-filters.\(name).except") ?? [])
            + attributes(in: condition, "row-filters.\(name).where")
    }
}

private func attributes(in sql: String, _ field: String) -> [ObjectReference] {
    ObjectReference.each(.attribute, PolicyExpression.attributes(in: sql), in: field)
}

extension Mask {
    var fields: [ObjectField] {
        let field = "masks.\(name)"
        return [
            ObjectField("\(field).columns", columns), ObjectField("\(field).tagged", tagged),
            ObjectField("\(field).mask", method.words), ObjectField("\(field).replacement", method.replacement),
            ObjectField("\(field).when", condition),
        ] + (except?.fields("\(field).except") ?? [])
    }

    var references: [ObjectReference] {
        ObjectReference.each(.tag, tagged, in: "masks.\(name).tagged")
            + (except?.references("masks.\(name).except") ?? [])
            + (condition.map { attributes(in: $0, "masks.\(name).when") } ?? [])
            + (method.sql.map { attributes(in: $0, "masks.\(name).mask") } ?? [])
    }
}

extension MaskMethod {
    /// The mask as a sentence.
    package var words: String {
        switch self {
        case .null: "null"
        case .constant(let value): "constant \(value)"
        case .hash: "hash"
        case .roundNumber(let step): "round to \(step)"
        case .roundDate(let unit): "round to the \(unit.rawValue)"
        case .regex(let pattern, _): "regex \(pattern)"
        case .expression(let sql): "expression \(sql)"
        }
    }

    /// Of an expression.
    var sql: String? {
        guard case .expression(let sql) = self else { return nil }
        return sql
    }

    fileprivate var replacement: String? {
        guard case .regex(_, let replacement) = self else { return nil }
        return replacement
    }
}
