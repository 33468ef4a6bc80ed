import ReferenceModel

extension World {
    /// Takes out what names something that is not there, and what is nothing without it, so that the product takes the
    /// policies. For worlds from which an object was removed.
    mutating func tidy() {
        var tidy = policies
        tidy.tags = tidy.tags.map { tidied($0) }
        tidy.users = tidy.users.map { tidied($0) }
        tidy.globalPolicies = tidy.globalPolicies.map { tidied($0) }.filter { !$0.tags.isEmpty }
        policies = tidy
        // An exception depends on the global policies that are left, a project on the data sources.
        tidy.dataSources = tidy.dataSources.map { tidied($0) }.filter { !$0.directories.isEmpty }
        policies = tidy
        tidy.projects = tidy.projects.map { tidied($0) }
        apply(tidy)
    }

    private func has(group: Text) -> Bool { policies.groups.contains(group) }
    private func has(user: Text) -> Bool { policies.users.contains { $0.name == user } }
    private func has(purpose: Text) -> Bool { policies.purposes.contains { $0.name == purpose } }
    private func has(tag: Text) -> Bool { policies.tags.contains { $0.name == tag } }

    private func has(source: Text) -> Bool { policies.dataSources.contains { $0.name == source } }

    private func tidied(_ tag: Tag) -> Tag {
        var tidy = tag
        tidy.implies.removeAll { !has(tag: $0) }
        return tidy
    }

    private func tidied(_ user: User) -> User {
        var tidy = user
        tidy.groups.removeAll { !has(group: $0) }
        tidy.attributes = tidy.attributes.filter { policies.attributes.contains($0.key) }
        return tidy
    }

    private func tidied(_ policy: GlobalPolicy) -> GlobalPolicy {
        var tidy = policy
        tidy.tags.removeAll { !has(tag: $0) }
        tidy.purposes.removeAll { !has(purpose: $0) }
        tidy.subscription = tidy.subscription.map { tidied($0) }
        tidy.fileRules = tidied(tidy.fileRules)
        return tidy
    }

    private func tidied(_ source: DataSource) -> DataSource {
        var tidy = source
        tidy.tags.removeAll { !has(tag: $0) }
        tidy.purposes.removeAll { !has(purpose: $0) }
        tidy.subscription = tidied(tidy.subscription)
        tidy.fileRules = tidy.kind == .files ? tidied(tidy.fileRules) : []
        let allowed = policiesThatMayBeExcepted(from: tidy)
        tidy.exceptions.removeAll { !allowed.contains($0) }
        return tidy
    }

    private func tidied(_ project: Project) -> Project {
        var tidy = project
        tidy.members = tidied(tidy.members)
        tidy.purposes.removeAll { !has(purpose: $0) }
        tidy.dataSources.removeAll { !has(source: $0) }
        return tidy
    }

    private func tidied(_ subscription: Subscription) -> Subscription {
        switch subscription {
        case .anyone: return .anyone
        case .named(let entries):
            return .named(tidied(entries))
        case .condition(let condition):
            return tidied(condition).map { .condition($0) } ?? .named(Entries())
        case .approval(var approvers, let atMost):
            approvers.users.removeAll { !has(user: $0) }
            approvers.groups.removeAll { !has(group: $0) }
            let isNobody = approvers.users.isEmpty && approvers.groups.isEmpty
            return isNobody ? .named(Entries()) : .approval(approvers: approvers, atMost: atMost)
        }
    }

    private func tidied(_ condition: Condition) -> Condition? {
        switch condition {
        case .group(let name): return has(group: name) ? condition : nil
        case .attribute(let name, _): return policies.attributes.contains(name) ? condition : nil
        case .not(let part): return tidied(part).map { .not($0) }
        case .all(let parts):
            let tidy = parts.compactMap { tidied($0) }
            return tidy.isEmpty ? nil : .all(tidy)
        case .any(let parts):
            let tidy = parts.compactMap { tidied($0) }
            return tidy.isEmpty ? nil : .any(tidy)
        }
    }

    private func tidied(_ entries: Entries) -> Entries {
        var tidy = entries
        tidy.users.removeAll { !has(user: $0.name) }
        tidy.groups.removeAll { !has(group: $0.name) }
        return tidy
    }

    private func tidied(_ rules: [FileRule]) -> [FileRule] {
        rules.map { rule in
            var tidy = rule
            tidy.withTags.removeAll { !has(tag: $0) }
            tidy.withoutTags.removeAll { !has(tag: $0) }
            tidy.except = tidy.except.flatMap { tidied($0) }
            return tidy
        }
        .filter { $0.date != nil || !$0.withTags.isEmpty || !$0.withoutTags.isEmpty }
    }

    private func tidied(_ except: Except) -> Except? {
        var tidy = except
        tidy.users.removeAll { !has(user: $0) }
        tidy.groups.removeAll { !has(group: $0) }
        tidy.purposes.removeAll { !has(purpose: $0) }
        tidy.attributes = tidy.attributes.filter { policies.attributes.contains($0.key) }
        return tidy == Except() ? nil : tidy
    }
}
