import StrictYAML
import Wording

/// Checks that objects that are written, and those that they touch, fit each other.
struct PolicyCheck<Base: PolicyBase> {
    let plan: PolicyPlan<Base>
    let problems: ProblemCollector
    let identify: (String) throws -> ClaimedIdentity

    func everything() throws {
        let written = plan.written
        try references(written)
        try deletions()
        try circlesOfTags()
        try directories(written)
        try principals(written)
        try DataPolicyCheck(plan: plan, problems: problems).everything(written)
    }

    // MARK: What is named exists

    private func references(_ written: [PlacedItem]) throws {
        var known: [PolicyName: Bool] = [:]
        for placed in written {
            // In ascending order, because the sets that they come from have none.
            let references = placed.value.object.references.sorted { ($0.field, $0.name) < ($1.field, $1.name) }
            for reference in references {
                let key = PolicyName(kind: reference.kind, name: reference.name)
                let isKnown = try known[key] ?? plan.exists(key)
                known[key] = isKnown
                if !isKnown { try reportMissing(reference, in: placed) }
            }
        }
    }

    /// What is deleted is named by nothing that stays.
    private func deletions() throws {
        let deleted = plan.edits.filter { $0.value.after == nil }.keys.sorted {
            ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name)
        }
        // Those that are written anew have been looked at, and those that are deleted too name nothing any more.
        let slack = plan.edits.count
        for key in deleted {
            for name in try plan.base.objects(naming: key, limit: DocumentErrors.limit + slack)
            where plan.edits[name] == nil {
                guard let placed = try plan.placed(name) else { continue }
                for reference in placed.value.object.references
                where PolicyName(kind: reference.kind, name: reference.name) == key {
                    try reportMissing(reference, in: placed)
                }
            }
        }
    }

    private func reportMissing(_ reference: ObjectReference, in placed: PlacedItem) throws {
        // A guess is not worth looking through a million names.
        let isSmall = try plan.base.count(of: reference.kind) <= 10_000
        let near = isSmall ? Spelling.nearest(to: reference.name, among: try plan.names(of: reference.kind)) : nil
        let advice = near.map { "did you mean \(quoted($0))" } ?? "define it or remove the name"
        problems.report(
            at: placed.origin(of: .object(reference.kind, reference.name)), object: placed.words,
            field: reference.field, "there is no \(reference.kind.named(reference.name)); \(advice)")
    }

    private func circlesOfTags() throws {
        let changed = plan.edits.filter { $0.key.kind == .tag && $0.value.after != nil }
        guard !changed.isEmpty else { return }
        let tags = try plan.items(of: .tag).compactMap { item -> TagDefinition? in
            if case .tag(let tag) = item { tag } else { nil }
        }
        let closure = TagClosure(tags)
        for (key, edit) in changed.sorted(by: { $0.key.name < $1.key.name }) {
            guard let circle = closure.circle(through: key.name) else { continue }
            let placed = PlacedItem(value: edit.after!, source: edit.source)
            problems.report(
                at: placed.origin(of: .object(.tag, circle[1])), object: placed.words, field: "implies",
                "tags imply one another in a circle: \(circle.map(quoted).joined(separator: " -> ")); break it")
        }
    }

    // MARK: Directories belong to one data source, or are shared by all

    private func directories(_ written: [PlacedItem]) throws {
        var first: [ExactText: PlacedItem] = [:]
        for placed in written {
            guard case .dataSource(let source) = placed.value else { continue }
            for directory in source.directories {
                let stored = try plan.base.dataSources(at: directory).map { PolicyName(kind: .dataSource, name: $0) }
                    .first { plan.edits[$0] == nil }
                let other = try stored.flatMap { try plan.placed($0) } ?? first[ExactText(directory)]
                first[ExactText(directory)] = first[ExactText(directory)] ?? placed
                guard let other, case .dataSource(let otherSource) = other.value else { continue }
                if !(source.sharesDirectories && otherSource.sharesDirectories) {
                    report(directory, of: placed, andOf: other)
                }
            }
        }
    }

    private func report(_ path: String, of dataSource: PlacedItem, andOf other: PlacedItem) {
        // A file is where the administrator can do something about it.
        let (here, there) = dataSource.source == nil ? (other, dataSource) : (dataSource, other)
        problems.report(
            at: here.origin(of: .directory(path)), object: here.words, field: "directories",
            "\(quoted(path)) is a directory of \(there.words) too (\(there.origin(of: .directory(path)))); "
                + "name another one, or say `shares-directories: true` in both")
    }

    // MARK: A principal belongs to one user

    /// Every principal can be parsed, and no two users claim one principal or one short name.
    private func principals(_ written: [PlacedItem]) throws {
        var claimed: [IdentityClaim: PlacedItem] = [:]
        for placed in written {
            if case .dataSource(let source) = placed.value, let principal = source.credential?.principal {
                _ = identity(principal, of: placed, field: "credential.principal")
            }
            guard case .user(let user) = placed.value else { continue }
            if let principal = user.principal, identity(principal, of: placed, field: "principal") == nil { continue }
            var isReported = false
            for claim in try user.claims(identify) {
                let stored = try plan.base.users(claiming: claim).map { PolicyName(kind: .user, name: $0) }
                    .first { plan.edits[$0] == nil }
                let other = try stored.flatMap { try plan.placed($0) } ?? claimed.updateValue(placed, forKey: claim)
                guard let other, !isReported else { continue }
                isReported = true
                report(claim, of: placed, andOf: other)
            }
        }
    }

    private func identity(_ principal: String, of object: PlacedItem, field: String) -> ClaimedIdentity? {
        do {
            return try identify(principal)
        } catch {
            problems.report(
                at: object.origin(of: .principal), object: object.words, field: field,
                "\(quoted(principal)) is not a principal: \(error)")
            return nil
        }
    }

    private func report(_ claim: IdentityClaim, of user: PlacedItem, andOf other: PlacedItem) {
        let (here, there) = user.source == nil ? (other, user) : (user, other)
        guard case .user(let profile) = here.value else { return }
        problems.report(
            at: here.origin(of: .principal), object: here.words,
            field: profile.principal == nil ? "name" : "principal",
            "\(claim.words) is claimed by \(there.words) too (\(there.origin(of: .principal))); give it to one of them")
    }
}

extension IdentityClaim {
    fileprivate var words: String {
        switch self {
        case .principal(let key): "the principal \(quoted(key))"
        case .shortName(let name): "the short name \(quoted(name))"
        }
    }
}
