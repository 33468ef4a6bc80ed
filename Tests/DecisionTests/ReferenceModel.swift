import Policy

/// The rules of a read and of a move once more: slow, plain, and without a line of the product in them. Names are
/// compared as ``PlainIdentity`` makes them.
struct ReferenceModel {
    var users: [User]
    var sources: [DataSource]
    var ignored: [String]
    var unmappedDenies: Bool
    var needsCatalogue: Bool
    /// The files that crawls found readable, by the name of the data source: the components of each.
    var readable: [String: Set<[String]>]

    /// What may be answered: the verdict, and the reasons that are right for it.
    struct Expectation: Equatable {
        var verdict: String
        var reasons: Set<String>
        /// The names of the data sources that may be named; empty if none may.
        var sources: Set<String> = []

        init(_ verdict: String, _ reason: String, _ sources: Set<String> = []) {
            self.verdict = verdict
            reasons = [reason]
            self.sources = sources
        }
    }

    func read(_ path: String, by principal: String) -> Expectation {
        guard let parts = Self.components(path) else { return Expectation("deny", "bad-path") }
        let covering = covering(parts)
        guard !covering.isEmpty else { return Expectation("native", "not-protected") }
        let names = Set(covering.map(\.name))
        guard !principal.isEmpty else { return Expectation("deny", "bad-principal", names) }
        if isIgnored(principal) { return Expectation("native", "ignored-user", names) }
        let mapped = mapped(principal)
        guard let user = mapped.first else {
            return Expectation(unmappedDenies ? "deny" : "native", "unmapped-user", names)
        }
        guard mapped.count == 1 else { return Expectation("deny", "ambiguous-principal", names) }
        guard user.enabled else { return Expectation("deny", "disabled-user", names) }
        let each = covering.map { source -> Expectation in
            if isOwner(principal, of: source) { return Expectation("native", "data-owner", [source.name]) }
            if source.kind == .table { return Expectation("deny", "raw-table-read", [source.name]) }
            guard isSubscribed(user, source.subscription) else {
                return Expectation("deny", "not-subscribed", [source.name])
            }
            guard !needsCatalogue || readable[source.name, default: []].contains(parts) else {
                return Expectation("native", "not-in-catalogue", [source.name])
            }
            return Expectation("allow", "subscribed", [source.name])
        }
        for verdict in ["deny", "native", "allow"] {
            let same = each.filter { $0.verdict == verdict }
            guard var expectation = same.first else { continue }
            for other in same {
                expectation.reasons.formUnion(other.reasons)
                expectation.sources.formUnion(other.sources)
            }
            return expectation
        }
        preconditionFailure("something covers the path")
    }

    /// Whether a stat is allowed although HDFS refuses it: of that, the catalogue says nothing.
    func allowsTraversal(_ path: String, by principal: String) -> Bool {
        var model = self
        model.needsCatalogue = false
        return model.read(path, by: principal).verdict == "allow"
    }

    /// Whether a move must be refused because somebody who is not exempt would take data from under a data source.
    func mustRefuse(moving path: String, to destination: String, by principal: String) -> Bool {
        guard let from = Self.components(path), let to = Self.components(destination) else { return true }
        let suffixes =
            [[]]
            + sources.flatMap(\.directories).compactMap(Self.components).flatMap { directory in
                [from, to].filter { directory.starts(with: $0) }.map { Array(directory.dropFirst($0.count)) }
            }
        return suffixes.contains { suffix in
            let before = covering(from + suffix)
            let after = Set(covering(to + suffix).map(\.name))
            return before.contains { !after.contains($0.name) && !isExempt(principal, from: $0) }
        }
    }

    private func isExempt(_ principal: String, from source: DataSource) -> Bool {
        guard !principal.isEmpty else { return false }
        if isIgnored(principal) { return true }
        let mapped = mapped(principal)
        if mapped.isEmpty { return !unmappedDenies }
        return mapped.count == 1 && mapped[0].enabled && isOwner(principal, of: source)
    }

    /// The components of the canonical path; `nil` if there is none.
    static func components(_ path: String) -> [String]? {
        guard path.hasPrefix("/") else { return nil }
        var parts = path.split(separator: "/").map(String.init)
        if parts.contains(".") || parts.contains("..") || path.contains("\0") { return nil }
        if parts.first == ".reserved" {
            guard parts.count > 1, parts[1] == "raw" else { return nil }
            parts.removeFirst(2)
        }
        while let place = parts.firstIndex(of: ".snapshot") {
            parts.removeSubrange(place..<min(place + 2, parts.count))
        }
        return parts.first == ".reserved" ? nil : parts
    }

    private func covering(_ path: [String]) -> [DataSource] {
        var above = path
        while true {
            let here = sources.filter { $0.directories.contains { Self.components($0) == above } }
            if !here.isEmpty || above.isEmpty { return here }
            above.removeLast()
        }
    }

    private static func short(_ principal: String) -> String {
        let name = principal.split(separator: "@")[0]
        return String(name.split(separator: "/")[0])
    }

    private static func withRealm(_ principal: String) -> String {
        principal.contains("@") ? principal : principal + "@R"
    }

    private func isIgnored(_ principal: String) -> Bool {
        ignored.contains { name in
            if name.contains("/") || name.contains("@") {
                return principal.contains("@")
                    ? principal == Self.withRealm(name) : Self.short(principal) == Self.short(name)
            }
            return name == Self.short(principal)
        }
    }

    /// The users whose principal it is; where there are none, those whose short name it is.
    private func mapped(_ principal: String) -> [User] {
        let byPrincipal = users.filter { user in
            principal.contains("@") && user.principal.map(Self.withRealm) == principal
        }
        if !byPrincipal.isEmpty { return byPrincipal }
        return users.filter { Self.short($0.principal ?? $0.name) == Self.short(principal) }
    }

    private func isOwner(_ principal: String, of source: DataSource) -> Bool {
        guard let owner = source.credential?.principal else { return false }
        return principal.contains("@")
            ? principal == Self.withRealm(owner) : Self.short(principal) == Self.short(owner)
    }

    private func isSubscribed(_ user: User, _ subscription: Subscription) -> Bool {
        switch subscription {
        case .anyone: return true
        case .approval: return false
        case .individuals(let roster):
            return roster.users[user.name] != nil || user.groups.contains { roster.groups[$0] != nil }
        case .condition(let condition): return isMet(condition, by: user)
        }
    }

    private func isMet(_ condition: Condition, by user: User) -> Bool {
        switch condition {
        case .all(let parts):
            for part in parts where !isMet(part, by: user) { return false }
            return true
        case .any(let parts):
            for part in parts where isMet(part, by: user) { return true }
            return false
        case .not(let part): return !isMet(part, by: user)
        case .group(let name): return user.groups.contains(name)
        case .attribute(let name, let value): return user.attributes[name, default: []].contains(value)
        }
    }
}
