import Policy

/// Makes policy sets that are valid and as hostile to a writer of YAML as they may be.
struct RandomPolicies {
    private var generator: SplitMix

    init(seed: UInt64) {
        generator = SplitMix(state: seed)
    }

    mutating func policySet() -> PolicySet {
        let groups = names(8)
        let attributes = names(5)
        let users = names(12)
        return PolicySet(
            groups: groups.sorted().map { Group(name: $0, about: maybe { $0.prose() }) },
            attributes: attributes.sorted().map { AttributeDefinition(name: $0, about: maybe { $0.prose() }) },
            users: users.sorted().enumerated().map { user($1, number: $0, groups: groups, attributes: attributes) },
            ignoredUsers: names(4).sorted(),
            dataSources: names(10).sorted().enumerated().map {
                dataSource($1, number: $0, users: users, groups: groups, attributes: attributes)
            })
    }

    private mutating func user(
        _ name: String, number: Int, groups: Set<String>, attributes: Set<String>
    ) -> User {
        let named = some(attributes).map { ($0, names(3)) }
        return User(
            name: name, principal: maybe { _ in "user\(number)/host@REALM\(number)" }, groups: some(groups),
            attributes: Dictionary(uniqueKeysWithValues: named), enabled: chance(2))
    }

    private mutating func dataSource(
        _ name: String, number: Int, users: Set<String>, groups: Set<String>, attributes: Set<String>
    ) -> DataSource {
        let directories = names(3).map { "/data/\(number)/\($0.replacing("/", with: "|"))" }
        return DataSource(
            name: name, kind: chance(2) ? .files : .table, directories: directories,
            credential: maybe { $0.credential() }, tags: chance(2) ? names(2) : [], contact: maybe { $0.name() },
            sharesDirectories: chance(2),
            subscription: subscription(users: users, groups: groups, attributes: attributes))
    }

    private mutating func credential() -> DataSource.Credential {
        DataSource.Credential(principal: "etl\(name())", keytab: maybe { "/etc/\($0.name())" })
    }

    private mutating func subscription(
        users: Set<String>, groups: Set<String>, attributes: Set<String>
    ) -> Subscription {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: .anyone
        case 1: .individuals(users: some(users), groups: some(groups))
        default: .condition(condition(groups, attributes, depth: 4))
        }
    }

    private mutating func condition(_ groups: Set<String>, _ attributes: Set<String>, depth: Int) -> Condition {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 2), using: &generator) {
        case 0: return .group(groups.sorted().randomElement(using: &generator) ?? "")
        case 1: return .attribute(attributes.sorted().randomElement(using: &generator) ?? "", value: name())
        case 2: return .not(condition(groups, attributes, depth: depth - 1))
        case let combination:
            let count = Int.random(in: 1...3, using: &generator)
            let conditions = (0..<count).map { _ in condition(groups, attributes, depth: depth - 1) }
            return combination == 3 ? .all(conditions) : .any(conditions)
        }
    }

    private mutating func some(_ names: Set<String>) -> Set<String> {
        Set(names.sorted().filter { _ in chance(3) })
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? {
        chance(2) ? make(&self) : nil
    }

    private mutating func chance(_ outOf: Int) -> Bool {
        Int.random(in: 0..<outOf, using: &generator) == 0
    }

    private mutating func names(_ most: Int) -> Set<String> {
        Set((0..<Int.random(in: 1...most, using: &generator)).map { _ in name() })
    }

    private static let hostile = [
        "yes", "no", "null", "~", "Null", "true", "1e3", "1.0", "0x1F", "2024-01-01", "12:30", ".nan", "-", "- a",
        "? a", ": a", "a: b", "a:", ":", "#", "a #b", " leading", "trailing ", "'", "''", "\"", "\\", "\\n", "{", "}",
        "[", "]", "{a: b}", "&a", "*a", "!a", "!!int 1", "%", "@", "`", "|", ">", ">-", "---", "...", "<<", "=", ",",
        "é", "日本語", "🙂", "b\u{FEFF}om", "a\u{A0}b", "\u{200B}", "\u{202E}rtl", "\u{FFFD}", "\u{E000}", "\u{10FFFD}",
    ]

    /// Hostile in part, and never equal to another but by design.
    private mutating func name() -> String {
        let pieces = (0...Int.random(in: 0...2, using: &generator)).map { _ in
            Self.hostile.randomElement(using: &generator) ?? ""
        }
        return pieces.joined(separator: chance(2) ? " " : "")
    }

    private mutating func prose() -> String {
        let separators = ["\n", "\n\n", " \n ", "\t", "\n\t", ""]
        let lines = (0...Int.random(in: 0...3, using: &generator)).map { _ in name() }
        return lines.joined(separator: separators.randomElement(using: &generator) ?? "") + (chance(2) ? "\n" : "")
    }
}

/// A small generator that gives the same numbers for the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
