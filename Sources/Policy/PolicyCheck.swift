import StrictYAML
import Wording

/// Checks that objects of a policy set fit each other.
struct PolicyCheck {
    let policies: PlacedPolicies
    let problems: ProblemCollector
}

// MARK: - What is named exists

extension PolicyCheck {
    /// Every group, attribute and user that an object names is there.
    func references() {
        let known: [ObjectKind: Set<String>] = [
            .group: Set(policies.groups.map(\.value.name)),
            .attribute: Set(policies.attributes.map(\.value.name)),
            .user: Set(policies.users.map(\.value.name)),
        ]
        for user in policies.users { references(of: user, known) }
        for dataSource in policies.dataSources { references(of: dataSource, known) }
    }

    private func references<Object>(of object: Placed<Object>, _ known: [ObjectKind: Set<String>]) {
        // In ascending order, because the sets that they come from have none.
        let missing = object.value.references.filter { known[$0.kind]?.contains($0.name) != true }
            .sorted { ($0.field, $0.name) < ($1.field, $1.name) }
        for reference in missing {
            problems.report(
                at: object.origin(of: .object(reference.kind, reference.name)), object: object.words,
                field: reference.field, unknown(reference, known[reference.kind] ?? []))
        }
    }

    private func unknown(_ reference: ObjectReference, _ known: Set<String>) -> String {
        let kind = reference.kind
        let near = Spelling.nearest(to: reference.name, among: known)
        let advice = near.map { "did you mean \(quoted($0))" } ?? "define it or remove the name"
        return "there is no \(kind.named(reference.name)); \(advice)"
    }
}

// MARK: - Directories belong to one data source, or are shared by all

extension PolicyCheck {
    func directories() {
        var first: [ExactText: Placed<DataSource>] = [:]
        for dataSource in policies.dataSources {
            for directory in dataSource.value.directories {
                guard let other = first[ExactText(directory)] else {
                    first[ExactText(directory)] = dataSource
                    continue
                }
                let bothShare = dataSource.value.sharesDirectories && other.value.sharesDirectories
                if !bothShare { report(directory, of: dataSource, andOf: other) }
            }
        }
    }

    private func report(_ path: String, of dataSource: Placed<DataSource>, andOf other: Placed<DataSource>) {
        // A file is where the administrator can do something about it.
        let (here, there) = dataSource.source == nil ? (other, dataSource) : (dataSource, other)
        problems.report(
            at: here.origin(of: .directory(path)), object: here.words, field: "directories",
            "\(quoted(path)) is a directory of \(there.words) too (\(there.origin(of: .directory(path)))); "
                + "name another one, or say `shares-directories: true` in both")
    }
}

// MARK: - A principal belongs to one user

extension PolicyCheck {
    private typealias Identify = (String) throws -> ClaimedIdentity

    /// Every principal can be parsed, and no two users claim one principal or one short name.
    func principals(identify: (String) throws -> ClaimedIdentity) {
        for dataSource in policies.dataSources {
            guard let principal = dataSource.value.credential?.principal else { continue }
            _ = identity(principal, of: dataSource, field: "credential.principal", identify)
        }
        var principals: [ExactText: Placed<User>] = [:]
        var shortNames: [ExactText: Placed<User>] = [:]
        for user in policies.users {
            guard let claim = claim(of: user, identify) else { continue }
            if let key = claim.principalKey, let other = principals.updateValue(user, forKey: ExactText(key)) {
                report("the principal \(quoted(key))", of: user, andOf: other)
            } else if let name = claim.shortName, let other = shortNames[ExactText(name)] {
                report("the short name \(quoted(name))", of: user, andOf: other)
            }
            if let name = claim.shortName { shortNames[ExactText(name)] = user }
        }
    }

    private typealias Claim = (principalKey: String?, shortName: String?)

    /// A user without a principal claims the short name that is the user's name.
    private func claim(of user: Placed<User>, _ identify: Identify) -> Claim? {
        guard let principal = user.value.principal else { return (nil, user.value.name) }
        let identity = identity(principal, of: user, field: "principal", identify)
        return identity.map { ($0.principalKey, $0.shortName) }
    }

    private func identity<Object>(
        _ principal: String, of object: Placed<Object>, field: String, _ identify: Identify
    ) -> ClaimedIdentity? {
        do {
            return try identify(principal)
        } catch {
            problems.report(
                at: object.origin(of: .principal), object: object.words, field: field,
                "\(quoted(principal)) is not a principal: \(error)")
            return nil
        }
    }

    private func report(_ claimed: String, of user: Placed<User>, andOf other: Placed<User>) {
        let (here, there) = user.source == nil ? (other, user) : (user, other)
        problems.report(
            at: here.origin(of: .principal), object: here.words,
            field: here.value.principal == nil ? "name" : "principal",
            "\(claimed) is claimed by \(there.words) too (\(there.origin(of: .principal))); "
                + "give it to one of them")
    }
}
