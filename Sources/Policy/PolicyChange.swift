/// What lies between two policy sets, object by object.
package struct PolicyChange: Sendable, Equatable, Codable {
    package enum Action: String, Sendable, Codable {
        case created, changed, deleted
    }

    /// One object that differs.
    package struct Entry: Sendable, Equatable, Codable {
        package var action: Action
        package var kind: ObjectKind
        package var name: String
        /// What the object gains or loses, in ascending order of the fields' names. A created object gains, and a
        /// deleted one loses, every field that it has.
        package var fields: [Field]
    }

    /// One field that differs. A field of one value, set before and after, has one value on either side.
    package struct Field: Sendable, Equatable, Codable {
        /// The path of the field in policy files, such as `credential.keytab` or `attributes.country`.
        package var name: String
        /// The values that go, in ascending order. A condition is its compact JSON.
        package var removed: [String]
        /// The values that come, in ascending order.
        package var added: [String]

        /// A field of one value at most.
        package init(name: String, from before: String?, to after: String?) {
            self.init(name: name, removed: before.map { [$0] } ?? [], added: after.map { [$0] } ?? [])
        }

        init(name: String, removed: [String], added: [String]) {
            self.name = name
            self.removed = removed
            self.added = added
        }
    }

    /// In the order of ``ObjectKind``, and of names within a kind.
    package var entries: [Entry]

    package var isEmpty: Bool { entries.isEmpty }

    /// The change that makes `after` of `before`. The order of objects in a set, and of directories in a data source,
    /// has no meaning; texts differ when their bytes do.
    package init(from before: PolicySet, to after: PolicySet) {
        entries =
            Self.entries(before.groups, after.groups)
            + Self.entries(before.attributes, after.attributes)
            + Self.entries(before.purposes, after.purposes)
            + Self.entries(before.tags, after.tags)
            + Self.entries(before.users, after.users)
            + Self.entries(before.ignoredUsers.map(IgnoredUser.init), after.ignoredUsers.map(IgnoredUser.init))
            + Self.entries(before.dataSources, after.dataSources)
            + Self.entries(before.projects, after.projects)
            + Self.entries(before.globalPolicies, after.globalPolicies)
    }

    /// What a user has said or been given by commands, which no policy file says.
    package init(user: String, fields: [Field]) {
        entries = [Entry(action: .changed, kind: .user, name: user, fields: fields)]
    }

    /// What lies between objects as they are and as they shall be, whatever their order.
    package init(_ edits: some Sequence<PolicyEdit>) {
        let entries = edits.compactMap { edit in
            Self.entry(edit.name, edit.kind, edit.before?.object.fields, edit.after?.object.fields)
        }
        let ranks = Dictionary(uniqueKeysWithValues: zip(ObjectKind.allCases, 0...))
        self.entries = entries.sorted {
            (ranks[$0.kind]!, ExactText($0.name)) < (ranks[$1.kind]!, ExactText($1.name))
        }
    }

    private static func entries<Object: PolicyObject>(_ before: [Object], _ after: [Object]) -> [Entry] {
        let old = byName(before)
        let new = byName(after)
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            entry(name.text, Object.kind, old[name]?.fields, new[name]?.fields)
        }
    }

    private static func byName<Object: PolicyObject>(_ objects: [Object]) -> [ExactText: Object] {
        Dictionary(objects.map { (ExactText($0.name), $0) }) { _, last in last }
    }

    /// - Parameters:
    ///   - old: `nil` when the object is created.
    ///   - new: `nil` when the object is deleted.
    /// - Returns: `nil` when nothing differs.
    private static func entry(
        _ name: String, _ kind: ObjectKind, _ old: [ObjectField]?, _ new: [ObjectField]?
    ) -> Entry? {
        let fields = fields(old ?? [], new ?? [])
        switch (old, new) {
        case (nil, nil): return nil
        case (nil, _): return Entry(action: .created, kind: kind, name: name, fields: fields)
        case (_, nil): return Entry(action: .deleted, kind: kind, name: name, fields: fields)
        default: return fields.isEmpty ? nil : Entry(action: .changed, kind: kind, name: name, fields: fields)
        }
    }

    private static func fields(_ old: [ObjectField], _ new: [ObjectField]) -> [Field] {
        let (old, new) = (valuesByName(old), valuesByName(new))
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            let (before, after) = (old[name] ?? [], new[name] ?? [])
            guard before != after else { return nil }
            return Field(
                name: name, removed: before.subtracting(after).sorted().map(\.text),
                added: after.subtracting(before).sorted().map(\.text))
        }
    }

    private static func valuesByName(_ fields: [ObjectField]) -> [String: Set<ExactText>] {
        let pairs = fields.map { ($0.name, Set($0.values.map(ExactText.init))) }
        return Dictionary(pairs) { $0.union($1) }
    }
}
