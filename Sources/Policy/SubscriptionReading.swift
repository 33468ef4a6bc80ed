import StrictYAML
import Wording
import Yams

extension ReadingContext {
    func subscription(_ node: Node) -> Located<Subscription>? {
        guard node.scalar == nil else { return anyone(node) }
        guard let fields = fields(of: node, known: ["users", "groups", "condition", "approval"]) else { return nil }
        let namesIndividuals = fields.nodes["users"] != nil || fields.nodes["groups"] != nil
        switch (namesIndividuals, fields.nodes["condition"] != nil, fields.nodes["approval"] != nil) {
        case (true, false, false):
            return roster(node, fields).map { $0.map(Subscription.individuals) }
        case (false, true, false): return fields.optional("condition") { $0.conditionSubscription($1) }
        case (false, false, true): return fields.optional("approval") { $0.approval($1) }
        case (true, true, false):
            report(node, "`condition` excludes `users` and `groups`; write a group as a condition")
        case (false, false, false):
            report(node, "expected `anyone`, `users`, `groups`, `condition` or `approval`, found none of them")
        default: report(node, "`approval` excludes the others; keep one")
        }
        return nil
    }

    private func approval(_ node: Node) -> Located<Subscription>? {
        guard let fields = fields(of: node, known: ["approvers", "at-most"]) else { return nil }
        let atMost = fields.optional("at-most") { $0.span($1) }
        guard let approvers = fields.required("approvers", { $0.approvers($1) }) else { return nil }
        let terms = ApprovalTerms(users: approvers.value.users, groups: approvers.value.groups, atMost: atMost)
        return Located(value: .approval(terms), location: location(of: node), mentions: approvers.mentions)
    }

    private func approvers(_ node: Node) -> Located<Exemption>? {
        guard let fields = fields(of: node, known: ["users", "groups"]) else { return nil }
        let users = fields.optional("users") { $0.list($1) { $0.name($1) } } ?? []
        let groups = fields.optional("groups") { $0.list($1) { $0.name($1) } } ?? []
        guard !users.isEmpty || !groups.isEmpty else {
            report(node, "nobody is named who could approve; name users or groups")
            return nil
        }
        return Located(
            value: Exemption(users: Set(users.map(\.value)), groups: Set(groups.map(\.value))),
            location: location(of: node), mentions: mentions(.user, users) + mentions(.group, groups))
    }

    private func anyone(_ node: Node) -> Located<Subscription>? {
        guard node.isPlainlyTagged, node.scalar?.string == "anyone" else {
            report(node, expected("`anyone` or a mapping", node))
            return nil
        }
        return Located(value: .anyone, location: location(of: node))
    }

    /// Users and groups, each perhaps with its end.
    func roster(_ node: Node) -> Located<Roster>? {
        fields(of: node, known: ["users", "groups"]).flatMap { roster(node, $0) }
    }

    private func roster(_ node: Node, _ fields: Fields) -> Located<Roster>? {
        let users = fields.optional("users") { $0.entries($1) } ?? []
        let groups = fields.optional("groups") { $0.entries($1) } ?? []
        let roster = Roster(
            users: Dictionary(users.map { ($0.name, $0.until) }) { first, _ in first },
            groups: Dictionary(groups.map { ($0.name, $0.until) }) { first, _ in first })
        let mentions =
            users.map { (Mention.object(.user, $0.name), $0.location) }
            + groups.map { (Mention.object(.group, $0.name), $0.location) }
        return Located(value: roster, location: location(of: node), mentions: mentions)
    }

    private typealias Entry = (name: String, until: Instant, location: SourceLocation)

    private func entries(_ node: Node) -> [Entry]? {
        guard let items = sequence(node) else { return nil }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let entry = entry(item) else { return nil }
            guard seen.insert(entry.name).inserted else {
                report(item, "\(quoted(entry.name)) is listed twice; keep one")
                return nil
            }
            return entry
        }
    }

    private func entry(_ node: Node) -> Entry? {
        guard node.mapping != nil else { return name(node).map { ($0, .never, location(of: node)) } }
        guard let fields = fields(of: node, known: ["name", "until"]) else { return nil }
        let until = fields.required("until") { $0.instant($1) }
        guard let name = fields.required("name", { $0.name($1) }), let until else { return nil }
        return (name, until, location(of: node))
    }

    private func conditionSubscription(_ node: Node) -> Located<Subscription>? {
        condition(node).map {
            Located(value: .condition($0.value), location: $0.location, mentions: $0.mentions)
        }
    }

    /// A mapping of one word: `all` and `any` of several conditions, `not` of one, `group`, `attribute`.
    private func condition(_ node: Node) -> Located<Condition>? {
        guard let pairs = mapping(node, expecting: "a condition") else { return nil }
        guard let (key, value) = pairs.first, pairs.count == 1 else {
            report(node, "a condition has one word, found \(pairs.count); join several by `all` or `any`")
            return nil
        }
        guard let word = text(key) else { return nil }
        let inner = inside(word)
        switch word {
        case "all": return inner.combination(value).map { $0.map(Condition.all) }
        case "any": return inner.combination(value).map { $0.map(Condition.any) }
        case "not": return inner.condition(value).map { $0.map(Condition.not) }
        case "group": return inner.groupCondition(value)
        case "attribute": return inner.attributeCondition(value)
        default:
            report(key, unknown("condition", word, among: ["all", "any", "not", "group", "attribute"]))
            return nil
        }
    }

    private func combination(_ node: Node) -> Located<[Condition]>? {
        guard let items = sequence(node) else { return nil }
        guard !items.isEmpty else {
            report(node, "the list is empty; write at least one condition")
            return nil
        }
        let conditions = items.compactMap { condition($0) }
        return Located(
            value: conditions.map(\.value), location: location(of: node), mentions: conditions.flatMap(\.mentions))
    }

    private func groupCondition(_ node: Node) -> Located<Condition>? {
        guard let name = name(node) else { return nil }
        let place = location(of: node)
        return Located(value: .group(name), location: place, mentions: [(.object(.group, name), place)])
    }

    private func attributeCondition(_ node: Node) -> Located<Condition>? {
        guard let pairs = mapping(node) else { return nil }
        guard let (key, node) = pairs.first, pairs.count == 1 else {
            report(node, "expected one attribute and its value, found \(pairs.count); join several by `all` or `any`")
            return nil
        }
        guard let name = name(key), let value = inside(name).name(node) else { return nil }
        let place = location(of: key)
        return Located(
            value: .attribute(name, value: value), location: place, mentions: [(.object(.attribute, name), place)])
    }
}
