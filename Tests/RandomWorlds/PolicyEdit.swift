import ReferenceModel

/// What an apply of policies changes.
package struct PolicyEdit: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case group, attribute, purpose, tag, user, project
        case dataSource = "data source"
        case globalPolicy = "global policy"
    }

    package struct ObjectName: Equatable, Sendable {
        package var kind: Kind
        package var name: Text
    }

    /// Objects that are created, or replaced as a whole. Its ignored users are all that there are afterwards, if
    /// ``replacesIgnoredUsers``.
    package var put = Policies()
    package var removed: [ObjectName] = []
    package var replacesIgnoredUsers = false

    /// What makes these policies of those.
    package init(from before: Policies, to after: Policies) {
        func compare<Object: Equatable>(
            _ kind: Kind, _ objects: WritableKeyPath<Policies, [Object]>, _ name: (Object) -> Text
        ) {
            put[keyPath: objects] = after[keyPath: objects].filter { !before[keyPath: objects].contains($0) }
            let names = after[keyPath: objects].map(name)
            removed += before[keyPath: objects].map(name).filter { !names.contains($0) }
                .map { ObjectName(kind: kind, name: $0) }
        }
        compare(.group, \.groups) { $0 }
        compare(.attribute, \.attributes) { $0 }
        compare(.purpose, \.purposes) { $0.name }
        compare(.tag, \.tags) { $0.name }
        compare(.user, \.users) { $0.name }
        compare(.dataSource, \.dataSources) { $0.name }
        compare(.project, \.projects) { $0.name }
        compare(.globalPolicy, \.globalPolicies) { $0.name }
        if before.ignoredUsers != after.ignoredUsers {
            put.ignoredUsers = after.ignoredUsers
            replacesIgnoredUsers = true
        }
    }

    /// Whether something goes, so that the whole has to be applied, with `--prune`.
    package var needsPrune: Bool { !removed.isEmpty || replacesIgnoredUsers }

    package func applied(to before: Policies) -> Policies {
        var after = before
        func change<Object: Equatable>(
            _ kind: Kind, _ objects: WritableKeyPath<Policies, [Object]>, _ name: (Object) -> Text
        ) {
            let put = put[keyPath: objects]
            let gone = removed.filter { $0.kind == kind }.map(\.name)
            let names = before[keyPath: objects].map(name)
            after[keyPath: objects] =
                before[keyPath: objects].filter { !gone.contains(name($0)) }
                .map { object in put.first { name($0) == name(object) } ?? object }
                + put.filter { !names.contains(name($0)) }
        }
        change(.group, \.groups) { $0 }
        change(.attribute, \.attributes) { $0 }
        change(.purpose, \.purposes) { $0.name }
        change(.tag, \.tags) { $0.name }
        change(.user, \.users) { $0.name }
        change(.dataSource, \.dataSources) { $0.name }
        change(.project, \.projects) { $0.name }
        change(.globalPolicy, \.globalPolicies) { $0.name }
        if replacesIgnoredUsers { after.ignoredUsers = put.ignoredUsers }
        return after
    }
}
