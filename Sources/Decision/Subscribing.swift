import Policy

extension Subscription {
    /// Whether the policy holds for a user, groups and attributes as they are in the profile.
    func holds(for user: User) -> Bool {
        switch self {
        case .anyone: true
        case .individuals(let users, let groups): users.contains(user.name) || !groups.isDisjoint(with: user.groups)
        case .condition(let condition): condition.holds(for: user)
        }
    }

    /// In words fit to send to the user: what the policy asks for and whether it holds.
    func explanation(for user: User, of dataSource: String) -> String {
        switch self {
        case .anyone:
            return "anyone is subscribed to `\(dataSource)`"
        case .individuals(let users, let groups):
            if users.contains(user.name) { return "`\(user.name)` is subscribed to `\(dataSource)` by name" }
            if let group = groups.intersection(user.groups).min() {
                return "`\(user.name)` is subscribed to `\(dataSource)` by the group `\(group)`"
            }
            return "`\(user.name)` is subscribed to `\(dataSource)` neither by name nor by a group"
        case .condition(let condition):
            if condition.holds(for: user) {
                return "`\(user.name)` meets the condition of `\(dataSource)`: \(condition.words)"
            }
            let failing = condition.failures(for: user).joined(separator: "; ")
            return "`\(user.name)` does not meet the condition of `\(dataSource)`: \(condition.words) (\(failing))"
        }
    }
}

extension Condition {
    /// Whether the condition holds; `all` of nothing holds, `any` of nothing does not.
    func holds(for user: User) -> Bool {
        switch self {
        case .all(let parts): parts.allSatisfy { $0.holds(for: user) }
        case .any(let parts): parts.contains { $0.holds(for: user) }
        case .not(let part): !part.holds(for: user)
        case .group(let name): user.groups.contains(name)
        case .attribute(let name, let value): user.attributes[name]?.contains(value) ?? false
        }
    }

    /// The condition as a sentence.
    var words: String {
        switch self {
        case .all(let parts): "(" + parts.map(\.words).joined(separator: " and ") + ")"
        case .any(let parts): "(" + parts.map(\.words).joined(separator: " or ") + ")"
        case .not(let part): "not \(part.words)"
        case .group(let name): "in group `\(name)`"
        case .attribute(let name, let value): "`\(name)` is `\(value)`"
        }
    }

    /// The parts on account of which the condition does not hold, as sentences; empty if it holds.
    func failures(for user: User) -> [String] {
        guard !holds(for: user) else { return [] }
        switch self {
        case .all(let parts), .any(let parts): return parts.flatMap { $0.failures(for: user) }
        case .not(let part): return ["\(part.words) holds and must not"]
        case .group, .attribute: return ["\(words) does not hold"]
        }
    }
}
