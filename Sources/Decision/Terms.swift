import Policy

/// What one policy asks, in numbers: the data source's own, or a global one.
final class Terms: Sendable {
    /// The name of the global policy; `nil` for the data source's own.
    let name: String?
    let subscription: CompiledSubscription?
    /// One of these has to be acted under; none is demanded if there are none.
    let purposes: [UInt32]

    init(name: String?, subscription: CompiledSubscription?, purposes: [UInt32]) {
        self.name = name
        self.subscription = subscription
        self.purposes = purposes
    }

    /// What asks for nothing.
    static let nothing = Terms(name: nil, subscription: .anyone, purposes: [])

    /// As messages call it.
    var words: String { name.map { "the global policy `\($0)`" } ?? "its own policy" }
}

/// Who is subscribed, in numbers.
enum CompiledSubscription: Sendable {
    case anyone
    case approval(ApprovalTerms)
    case condition(CompiledCondition)
    case individuals(CompiledRoster)
}

/// A condition in numbers, with the words that say it.
indirect enum CompiledCondition: Sendable {
    case all([CompiledCondition])
    case any([CompiledCondition])
    case not(CompiledCondition)
    case group(UInt32, String)
    case attribute(UInt32, String, String)

    init(_ condition: Condition, _ vocabulary: inout Vocabulary) {
        switch condition {
        case .all(let parts): self = .all(parts.map { CompiledCondition($0, &vocabulary) })
        case .any(let parts): self = .any(parts.map { CompiledCondition($0, &vocabulary) })
        case .not(let part): self = .not(CompiledCondition(part, &vocabulary))
        case .group(let name): self = .group(vocabulary.group(name), name)
        case .attribute(let name, let value): self = .attribute(vocabulary.attribute(name, value), name, value)
        }
    }
}

/// Users and groups, each with its end. The users by their ids, the groups by their numbers, both ascending.
struct CompiledRoster: Sendable {
    private(set) var users: [UInt32]
    /// Milliseconds, one for each user; empty if nobody has an end.
    private let userEnds: [Int64]
    private let groups: [UInt32]
    private let groupEnds: [Int64]

    init(users: [(id: UInt32, until: Instant)], groups: [String: Instant], _ vocabulary: inout Vocabulary) {
        (self.users, userEnds) = Self.columns(users)
        (self.groups, groupEnds) = Self.columns(groups.map { (vocabulary.group($0), $1) })
    }

    private static func columns(_ entries: [(id: UInt32, until: Instant)]) -> ([UInt32], [Int64]) {
        let sorted = entries.sorted { $0.id < $1.id }
        let ends = sorted.map(\.until.milliseconds)
        return (sorted.map(\.id), ends.allSatisfy { $0 == Instant.never.milliseconds } ? [] : ends)
    }

    /// Whether no group is on the roster.
    var isOfUsersOnly: Bool { groups.isEmpty }

    /// The end of a user's own entry; `nil` if there is none.
    func end(ofUser id: UInt32) -> Int64? { Self.end(id, users, userEnds) }

    /// The end of a group's entry; `nil` if there is none.
    func end(ofGroup number: UInt32) -> Int64? { Self.end(number, groups, groupEnds) }

    private static func end(_ number: UInt32, _ numbers: [UInt32], _ ends: [Int64]) -> Int64? {
        guard let place = numbers.place(of: number) else { return nil }
        return ends.isEmpty ? Instant.never.milliseconds : ends[place]
    }
}

/// Whom a rule, a filter or a mask does not bind, in numbers.
struct CompiledExemption: Sendable {
    private let users: Set<String>
    private let groups: [UInt32]
    private let attributes: [UInt32]
    private let purposes: [UInt32]

    init(_ exemption: Exemption, _ vocabulary: inout Vocabulary) {
        users = exemption.users
        groups = exemption.groups.map { vocabulary.group($0) }
        attributes = exemption.attributes.flatMap { name, values in
            values.map { vocabulary.attribute(name, $0) }
        }
        purposes = exemption.purposes.map { vocabulary.purpose($0) }
    }

    func holds(for person: Person) -> Bool {
        groups.contains { person.groups.place(of: $0) != nil }
            || attributes.contains { person.attributes.place(of: $0) != nil }
            || purposes.contains { person.purposes.contains($0) }
            || (!users.isEmpty && users.contains(person.name))
    }
}

/// Global policies in numbers, by name.
struct CompiledGlobalPolicies: Sendable {
    let table: GlobalPolicies
    /// One for each policy of the table.
    let terms: [Terms]
}

/// A project in numbers.
final class CompiledProject: Sendable {
    let name: String
    /// The policy version at which it last changed, or something that it depends on.
    let changedAt: UInt64
    /// The ids of its data sources, ascending.
    let dataSources: [UInt32]
    let members: CompiledRoster
    let purposes: [UInt32]
    let definition: Project

    init(definition: Project, changedAt: UInt64, dataSources: [UInt32], members: CompiledRoster, purposes: [UInt32]) {
        name = definition.name
        self.definition = definition
        self.changedAt = changedAt
        self.dataSources = dataSources.sorted()
        self.members = members
        self.purposes = purposes
    }
}

extension RandomAccessCollection where Element: Comparable {
    /// Where an element is in an ascending collection.
    func place(of element: Element) -> Index? {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = index(low, offsetBy: distance(from: low, to: high) / 2)
            if self[middle] < element { low = index(after: middle) } else { high = middle }
        }
        return low < endIndex && self[low] == element ? low : nil
    }
}
