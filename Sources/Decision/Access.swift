import Policy

/// What the policies say of one user and one data source: what the decision cache holds.
package struct Access: Sendable, Equatable {
    /// Which of the questions of rule 10 fails first.
    package enum Outcome: UInt8, Sendable, Equatable {
        case subscribed
        case notSubscribed
        case outsideProject
        case purpose
    }

    package var outcome: Outcome
    /// For how many whole seconds this holds, if nothing changes; ``endless`` for ever.
    package var lifetime: UInt16
    /// A bit for each file rule of the data source that binds the user.
    package var fileRules: UInt32

    package static let endless = UInt16.max

    package init(_ outcome: Outcome, lifetime: UInt16 = endless, fileRules: UInt32 = 0) {
        self.outcome = outcome
        self.lifetime = lifetime
        self.fileRules = fileRules
    }

    /// - Parameters:
    ///   - end: when the outcome may become another one, in milliseconds; later than now.
    fileprivate init(_ outcome: Outcome, until end: Int64, from now: Instant, fileRules: UInt32 = 0) {
        let seconds = end == Instant.never.milliseconds ? nil : (end - now.milliseconds) / 1_000
        self.init(
            outcome, lifetime: seconds.map { UInt16(clamping: min($0, Int64(Self.endless) - 1)) } ?? Self.endless,
            fileRules: fileRules)
    }
}

/// A user at one moment, with what they act under then.
struct Person {
    let id: UInt32
    let nameBytes: ArraySlice<UInt8>
    /// Numbers of the vocabulary, ascending.
    let groups: ArraySlice<UInt32>
    let attributes: ArraySlice<UInt32>
    /// The project that the user acts under.
    let project: CompiledProject?
    /// When the membership of that project ends, in milliseconds; `nil` if the user is no member of it now.
    let membershipEnd: Int64?
    /// Those that the user acts under.
    let purposes: [UInt32]
    let approvals: [UInt32: Instant]

    var name: String { String(decoding: nameBytes, as: UTF8.self) }
}

extension CompiledRoster {
    /// Until when somebody is on the roster, in milliseconds; `nil` if they are not on it now.
    func end(for person: Person, at now: Instant) -> Int64? {
        end(ofUser: person.id, groups: person.groups, at: now)
    }

    func end(ofUser id: UInt32, groups: ArraySlice<UInt32>, at now: Instant) -> Int64? {
        var latest = end(ofUser: id) ?? .min
        if !isOfUsersOnly {
            for group in groups { latest = max(latest, end(ofGroup: group) ?? .min) }
        }
        return latest > now.milliseconds ? latest : nil
    }
}

extension CompiledCondition {
    /// Whether the condition holds; `all` of nothing holds, `any` of nothing does not.
    func holds(for person: Person) -> Bool {
        switch self {
        case .all(let parts): parts.allSatisfy { $0.holds(for: person) }
        case .any(let parts): parts.contains { $0.holds(for: person) }
        case .not(let part): !part.holds(for: person)
        case .group(let number, _): person.groups.place(of: number) != nil
        case .attribute(let number, _, _): person.attributes.place(of: number) != nil
        }
    }
}

extension CompiledSubscription {
    /// Until when the policy holds for somebody, in milliseconds; `nil` if it does not hold now.
    func end(for person: Person, at dataSource: UInt32, now: Instant) -> Int64? {
        switch self {
        case .anyone: return Instant.never.milliseconds
        case .approval:
            guard let end = person.approvals[dataSource]?.milliseconds, end > now.milliseconds else { return nil }
            return end
        case .condition(let condition): return condition.holds(for: person) ? Instant.never.milliseconds : nil
        case .individuals(let roster): return roster.end(for: person, at: now)
        }
    }
}

extension Terms {
    /// Whether the demand for a purpose is met.
    func isMet(by person: Person) -> Bool {
        purposes.isEmpty || purposes.contains { person.purposes.contains($0) }
    }
}

extension Snapshot {
    /// The first three questions of rule 10, and which file rules bind the user.
    func access(user: Int, dataSource: Int, at now: Instant) -> Access {
        let source = dataSources[dataSource]
        let person = person(user, at: now)
        var end = Instant.never.milliseconds
        for terms in source.terms {
            guard let subscription = terms.subscription else { continue }
            guard let until = subscription.end(for: person, at: source.id, now: now) else {
                return Access(.notSubscribed)
            }
            end = min(end, until)
        }
        if let project = person.project {
            guard let until = person.membershipEnd, project.dataSources.place(of: source.id) != nil else {
                return Access(.outsideProject, until: end, from: now)
            }
            end = min(end, until)
        }
        guard source.terms.allSatisfy({ $0.isMet(by: person) }) else { return Access(.purpose, until: end, from: now) }
        var binding: UInt32 = 0
        for (index, rule) in source.fileRules.enumerated() where rule.except?.holds(for: person) != true {
            binding |= 1 << UInt32(index)
        }
        return Access(.subscribed, until: end, from: now, fileRules: binding)
    }

    /// A user with what they act under at a moment.
    func person(_ user: Int, at now: Instant) -> Person {
        let facts = users.facts(user)
        let groups = users.groups(user)
        let state = states[facts.id]
        let project = state?.project.flatMap { projects[$0] }
        let membershipEnd = project?.members.end(ofUser: facts.id, groups: groups, at: now)
        var purposes: [UInt32] = []
        if let project, let state, membershipEnd != nil {
            let acknowledged = project.definition.purposes.filter {
                state.acknowledgements.contains(Acknowledgement(project: project.name, purpose: $0))
            }
            purposes = zip(project.definition.purposes.sorted(), project.purposes).compactMap {
                acknowledged.contains($0) ? $1 : nil
            }
        }
        return Person(
            id: facts.id, nameBytes: users.name(user), groups: groups, attributes: users.attributes(user),
            project: project, membershipEnd: membershipEnd, purposes: purposes, approvals: state?.approvals ?? [:])
    }
}
