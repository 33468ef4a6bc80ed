import StrictYAML
import Yams

extension ReadingContext {
    func subscription(_ node: Node) -> Located<Subscription>? {
        guard node.scalar == nil else { return anyone(node) }
        guard let fields = fields(of: node, known: ["users", "groups", "condition"]) else { return nil }
        let namesIndividuals = fields.nodes["users"] != nil || fields.nodes["groups"] != nil
        switch (namesIndividuals, fields.nodes["condition"] != nil) {
        case (true, false): return individuals(node, fields)
        case (false, true): return fields.optional("condition") { $0.conditionSubscription($1) }
        case (true, true): report(node, "`condition` excludes `users` and `groups`; write a group as a condition")
        case (false, false): report(node, "expected `anyone`, `users`, `groups` or `condition`, found none of them")
        }
        return nil
    }

    private func anyone(_ node: Node) -> Located<Subscription>? {
        guard node.isPlainlyTagged, node.scalar?.string == "anyone" else {
            report(node, expected("`anyone` or a mapping", node))
            return nil
        }
        return Located(value: .anyone, location: location(of: node))
    }

    private func individuals(_ node: Node, _ fields: Fields) -> Located<Subscription> {
        let users = fields.optional("users") { $0.list($1) { $0.name($1) } } ?? []
        let groups = fields.optional("groups") { $0.list($1) { $0.name($1) } } ?? []
        let mentions =
            users.map { (Mention.object(.user, $0.value), $0.location) }
            + groups.map { (Mention.object(.group, $0.value), $0.location) }
        let subscription = Subscription.individuals(
            users: Set(users.map(\.value)), groups: Set(groups.map(\.value)))
        return Located(value: subscription, location: location(of: node), mentions: mentions)
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

extension Located {
    fileprivate func map<Other>(_ transform: (Value) -> Other) -> Located<Other> {
        Located<Other>(value: transform(value), location: location, mentions: mentions)
    }
}
