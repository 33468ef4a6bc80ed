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
    /// Puts what the files say on top of what is stored, and checks the whole.
    ///
    /// An object of a file replaces the stored one of its name as a whole. Ignored users are added.
    ///
    /// - Parameters:
    ///   - stored: What was said before. Its objects are "stored" in messages.
    ///   - prune: Whether what is stored but in no file is deleted, ignored users too.
    ///   - identify: Parses a principal of a user or of a credential; what it throws is shown to the administrator.
    /// - Returns: The result, every kind of object in ascending order of names.
    /// - Throws: every problem of the result: names of what does not exist, directories that two data sources claim,
    ///   principals that cannot be parsed, and principals or short names that two users claim.
    package func applied(
        to stored: PolicySet, prune: Bool, identify: (String) throws -> ClaimedIdentity
    ) throws(DocumentErrors) -> PolicySet {
        let base = prune ? PolicySet() : stored
        let result = PlacedPolicies(
            groups: merged(base.groups, groups), attributes: merged(base.attributes, attributes),
            users: merged(base.users, users), dataSources: merged(base.dataSources, dataSources))
        let problems = ProblemCollector()
        let check = PolicyCheck(policies: result, problems: problems)
        check.references()
        check.directories()
        check.principals(identify: identify)
        try problems.throwIfAny()
        return PolicySet(
            groups: result.groups.map(\.value), attributes: result.attributes.map(\.value),
            users: result.users.map(\.value), ignoredUsers: mergedIgnoredUsers(base.ignoredUsers),
            dataSources: result.dataSources.map(\.value))
    }

    private func merged<Object: PolicyObject>(_ stored: [Object], _ files: [Located<Object>]) -> [Placed<Object>] {
        var byName: [String: Placed<Object>] = [:]
        for object in stored { byName[object.name] = Placed(value: object, source: nil) }
        for object in files { byName[object.value.name] = Placed(value: object.value, source: object) }
        return byName.values.sorted { $0.value.name < $1.value.name }
    }

    private func mergedIgnoredUsers(_ stored: [String]) -> [String] {
        let all = Set((stored + ignoredUsers.map(\.value)).map(ExactText.init))
        return all.sorted().map(\.text)
    }
}

/// An object of the merged policies, with its file when it has one.
struct Placed<Object: PolicyObject & Sendable> {
    var value: Object
    /// `nil` for an object of the store.
    var source: Located<Object>?

    var origin: Origin {
        source.map { .place($0.location) } ?? .stored
    }

    func origin(of mention: Mention) -> Origin {
        source.map { .place($0.location(of: mention)) } ?? .stored
    }

    var words: String {
        Object.kind.named(value.name)
    }
}

/// The merged policies before they are checked.
struct PlacedPolicies {
    var groups: [Placed<Group>]
    var attributes: [Placed<AttributeDefinition>]
    var users: [Placed<User>]
    var dataSources: [Placed<DataSource>]
}
