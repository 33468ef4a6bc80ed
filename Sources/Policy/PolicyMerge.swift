import StrictYAML

/// Who a user claims to be on the cluster.
package struct ClaimedIdentity: Sendable, Equatable {
    /// The principal in one agreed form: two principals are the same when their keys are.
    package var principalKey: String
    /// What `auth_to_local` makes of the principal; `nil` when no rule applies to it.
    package var shortName: String?

    package init(principalKey: String, shortName: String?) {
        self.principalKey = principalKey
        self.shortName = shortName
    }
}

extension PolicyDocument {
    /// Puts what the files say on top of what is stored, and checks what comes of it.
    ///
    /// An object of a file replaces the stored one of its name as a whole. Ignored users are added.
    ///
    /// - Parameters:
    ///   - base: What was said before. Its objects are "stored" in messages.
    ///   - prune: Whether what is stored but in no file is deleted, ignored users too.
    ///   - identify: Parses a principal of a user or of a credential; what it throws is shown to the administrator.
    /// - Returns: What differs, object by object.
    /// - Throws: `DocumentErrors` with every problem of the result; whatever the base throws.
    package func edits(
        of base: some PolicyBase, prune: Bool, identify: @escaping (String) throws -> ClaimedIdentity
    ) throws -> [PolicyEdit] {
        var planned: [PolicyName: PlannedEdit] = [:]
        for item in items {
            let key = PolicyName(kind: item.value.kind, name: item.value.name)
            planned[key] = PlannedEdit(before: try base.item(key), after: item.value, source: item)
        }
        if prune {
            for kind in ObjectKind.allCases {
                for name in try base.names(of: kind) {
                    let key = PolicyName(kind: kind, name: name)
                    guard planned[key] == nil else { continue }
                    planned[key] = PlannedEdit(before: try base.item(key), after: nil, source: nil)
                }
            }
        }
        return try Self.checked(planned, of: base, identify: identify)
    }

    /// Checks edits that come from no file: of a return to an earlier version.
    package static func checked(
        _ edits: [PolicyEdit], of base: some PolicyBase, identify: @escaping (String) throws -> ClaimedIdentity
    ) throws -> [PolicyEdit] {
        let planned = edits.map { ($0.key, PlannedEdit(before: $0.before, after: $0.after, source: nil)) }
        return try checked(Dictionary(planned) { _, last in last }, of: base, identify: identify)
    }

    private static func checked(
        _ planned: [PolicyName: PlannedEdit], of base: some PolicyBase,
        identify: @escaping (String) throws -> ClaimedIdentity
    ) throws -> [PolicyEdit] {
        let problems = ProblemCollector()
        let plan = PolicyPlan(base: base, edits: planned.filter { $0.value.changesSomething })
        try PolicyCheck(plan: plan, problems: problems, identify: identify).everything()
        try problems.throwIfAny()
        return plan.edits.map { key, edit in
            PolicyEdit(kind: key.kind, name: key.name, before: edit.before, after: edit.after)
        }
    }

    /// As ``edits(of:prune:identify:)``, with all policies in memory.
    ///
    /// - Returns: The result, every kind of object in ascending order of names.
    package func applied(
        to stored: PolicySet, prune: Bool, identify: @escaping (String) throws -> ClaimedIdentity
    ) throws(DocumentErrors) -> PolicySet {
        do {
            let base = PolicySetBase(stored, identify: identify)
            var items = Dictionary(stored.items.map { (PolicyName(kind: $0.kind, name: $0.name), $0) }) { $1 }
            for edit in try edits(of: base, prune: prune, identify: identify) { items[edit.key] = edit.after }
            return PolicySet(items.values)
        } catch let errors as DocumentErrors {
            throw errors
        } catch {
            preconditionFailure("policies in memory are always there: \(error)")
        }
    }
}

/// An edit before it is checked.
struct PlannedEdit {
    var before: PolicyItem?
    var after: PolicyItem?
    /// Where the files say it; `nil` for what is deleted and what comes from no file.
    var source: Located<PolicyItem>?

    var changesSomething: Bool {
        switch (before, after) {
        case (nil, nil): false
        case (let before?, let after?): !before.says(theSameAs: after)
        default: true
        }
    }
}

/// What the policies shall be: edits over what is stored.
struct PolicyPlan<Base: PolicyBase> {
    let base: Base
    let edits: [PolicyName: PlannedEdit]

    func item(_ key: PolicyName) throws -> PolicyItem? {
        if let edit = edits[key] { return edit.after }
        return try base.item(key)
    }

    func exists(_ key: PolicyName) throws -> Bool {
        if let edit = edits[key] { return edit.after != nil }
        return try base.exists(key)
    }

    /// The objects of a kind that shall be. For kinds of which there are few.
    func items(of kind: ObjectKind) throws -> [PolicyItem] {
        try names(of: kind).compactMap { try item(PolicyName(kind: kind, name: $0)) }
    }

    func names(of kind: ObjectKind) throws -> [String] {
        let edited = edits.filter { $0.key.kind == kind }
        let kept = try base.names(of: kind).filter { edited[PolicyName(kind: kind, name: $0)] == nil }
        return kept + edited.filter { $0.value.after != nil }.keys.map(\.name)
    }

    func placed(_ key: PolicyName) throws -> PlacedItem? {
        try item(key).map { PlacedItem(value: $0, source: edits[key]?.source) }
    }

    /// What is created or changed, in the order of kinds and names.
    var written: [PlacedItem] {
        // Names are sorted, and not the objects, of which there may be very many.
        let names = Dictionary(grouping: edits.keys, by: \.kind).mapValues { $0.map(\.name).sorted() }
        return ObjectKind.allCases.flatMap { kind in
            (names[kind] ?? []).compactMap { name in
                let edit = edits[PolicyName(kind: kind, name: name)]
                return edit?.after.map { PlacedItem(value: $0, source: edit?.source) }
            }
        }
    }
}

/// An object as it shall be, with its file when it has one.
struct PlacedItem {
    var value: PolicyItem
    /// `nil` for an object of the store.
    var source: Located<PolicyItem>?

    var origin: Origin {
        source.map { .place($0.location) } ?? .stored
    }

    func origin(of mention: Mention) -> Origin {
        source.map { .place($0.location(of: mention)) } ?? .stored
    }

    var words: String { value.kind.named(value.name) }
}
