import ReferenceModel

/// Policies of a world, and single objects that take the place of those of the same name.
extension RandomWorld {
    mutating func makePolicies() {
        world.policies.groups = Vocabulary.groups
        world.policies.attributes = Vocabulary.attributes
        world.policies.purposes = Vocabulary.purposes.map { Purpose($0, about: "for \($0)") }
        for name in Vocabulary.users where !chance(8) { putUser(name) }
        if chance(3) { putIgnoredUsers() }
        makeTags()
        for name in Vocabulary.globalPolicies where chance(3) { putGlobalPolicy(name) }
        for name in Vocabulary.sources where !chance(4) { putDataSource(name) }
        for name in Vocabulary.projects where !chance(3) { putProject(name) }
    }

    mutating func putUser(_ name: Text) {
        var user = User(name)
        user.groups = some(of: Vocabulary.groups)
        for attribute in Vocabulary.attributes where chance(2) {
            user.attributes[attribute] = some(of: Vocabulary.values, least: 1)
        }
        user.enabled = !chance(20)
        if chance(10) { user.suspendedUntil = instant() }
        user.principal = principalForUser(name)
        world.policies.users.removeAll { $0.name == name }
        // A name that another user has already: without a user more, then.
        let isTaken = world.policies.users.contains { world.naming.claimTheSame(user, $0) }
        if !isTaken { world.policies.users.append(user) }
    }

    mutating func principalForUser(_ name: Text) -> Text? {
        let realms = world.naming.endings.keys.sorted()
        return switch random.below(10) {
        case 0...2: nil
        case 3...6: "\(name)@\(world.naming.defaultRealm)"
        case 7: name
        case 8: "\(one(of: Vocabulary.users))@\(one(of: realms))"
        default: "\(name)/h1@\(one(of: realms))"
        }
    }

    mutating func putIgnoredUsers() {
        world.policies.ignoredUsers = some(
            of: ["ann", "bob@EXAMPLE.COM", "cid/h1@EXAMPLE.COM", "hive", "dot@OTHER.COM", "zo\u{EB}", "an", "bob/h2"])
    }

    /// A tag implies only such as come after it.
    private mutating func makeTags() {
        for (place, name) in Vocabulary.tags.enumerated() {
            var tag = Tag(name)
            if chance(2) { tag.implies = some(of: Array(Vocabulary.tags.dropFirst(place + 1)), most: 1) }
            if chance(2) { tag.components = some(of: Vocabulary.tagComponents) }
            world.policies.tags.append(tag)
        }
    }

    mutating func putGlobalPolicy(_ name: Text) {
        var policy = GlobalPolicy(name)
        policy.tags = some(of: Vocabulary.tags, least: 1)
        policy.allowsExceptions = chance(2)
        if percent(35) { policy.subscription = demandingSubscription() }
        if chance(5) { policy.purposes = some(of: Vocabulary.purposes, least: 1) }
        if chance(3) { policy.fileRules = fileRules() }
        world.policies.globalPolicies.removeAll { $0.name == name }
        world.policies.globalPolicies.append(policy)
    }

    mutating func putDataSource(_ name: Text) {
        world.policies.dataSources.removeAll { $0.name == name }
        var source = DataSource(name)
        source.sharesDirectories = chance(2)
        source.directories = directories(sharing: source.sharesDirectories)
        guard !source.directories.isEmpty else { return }
        if chance(10) { source.kind = .table }
        if chance(4) { source.credential = credential() }
        if chance(2) { source.tags = some(of: Vocabulary.tags, least: 1) }
        source.subscription = subscription()
        if chance(5) { source.purposes = some(of: Vocabulary.purposes, least: 1) }
        if source.kind == .files, percent(35) { source.fileRules = fileRules() }
        for policy in world.policiesThatMayBeExcepted(from: source) where chance(2) { source.exceptions.append(policy) }
        world.policies.dataSources.append(source)
    }

    private mutating func credential() -> Text {
        let name = one(of: Vocabulary.users + ["etl"])
        return one(of: [name, "\(name)@EXAMPLE.COM", "\(name)/h1@EXAMPLE.COM"])
    }

    /// One or two that no other data source has, or that all who have it share.
    private mutating func directories(sharing: Bool) -> [Text] {
        let others = world.policies.dataSources
        let free = Vocabulary.directories.filter { directory in
            others.allSatisfy { !$0.directories.contains(directory) || sharing && $0.sharesDirectories }
        }
        let taken = free.filter { directory in others.contains { $0.directories.contains(directory) } }
        let choices = taken.isEmpty || chance(2) ? free : taken
        return Array(Set(some(of: choices, least: 1))).sorted()
    }

    private mutating func subscription() -> Subscription {
        percent(45) ? .anyone : demandingSubscription()
    }

    private mutating func demandingSubscription() -> Subscription {
        switch random.below(3) {
        case 0:
            var approvers = Approvers()
            approvers.users = some(of: world.policies.users.map(\.name))
            approvers.groups = some(of: Vocabulary.groups, least: approvers.users.isEmpty ? 1 : 0)
            return .approval(approvers: approvers, atMost: chance(2) ? one(of: [86_400, 3_600, 7_776_000]) : nil)
        case 1: return .named(entries())
        default: return .condition(condition(depth: random.below(4)))
        }
    }

    mutating func entries() -> Entries {
        var entries = Entries()
        entries.users = some(of: world.policies.users.map(\.name), most: 3).map { entry($0) }
        entries.groups = some(of: Vocabulary.groups).map { entry($0) }
        return entries
    }

    private mutating func entry(_ name: Text) -> Entry {
        Entry(name, until: percent(40) ? instant() : nil)
    }

    private mutating func condition(depth: Int) -> Condition {
        switch random.below(depth > 0 ? 6 : 2) {
        case 0: .group(one(of: Vocabulary.groups))
        case 1: .attribute(one(of: Vocabulary.attributes), one(of: Vocabulary.values))
        case 2, 3: .not(condition(depth: depth - 1))
        case 4: .all((0...random.below(2)).map { _ in condition(depth: depth - 1) })
        default: .any((0...random.below(3)).map { _ in condition(depth: depth - 1) })
        }
    }

    mutating func putProject(_ name: Text) {
        var project = Project(name)
        project.dataSources = some(of: world.policies.dataSources.map(\.name), least: 2, most: 5)
        project.members = entries()
        project.purposes = some(of: Vocabulary.purposes, least: 2, most: 3)
        world.policies.projects.removeAll { $0.name == name }
        world.policies.projects.append(project)
    }

    mutating func fileRules() -> [FileRule] {
        (0...random.below(2)).map { fileRule("r\($0 + 1)") }
    }

    private mutating func fileRule(_ name: Text) -> FileRule {
        var rule = FileRule(name)
        let kind = random.below(10)
        if kind < 6 {
            rule.date = kind < 2 ? .modificationTime : .component(one(of: percent(80) ? ["dt"] : Vocabulary.words))
            let isYounger = chance(2)
            if isYounger || chance(8) { rule.youngerThan = span() }
            if !isYounger { rule.olderThan = span() }
        }
        if kind >= 5 {
            let isWith = chance(2)
            if isWith { rule.withTags = some(of: Vocabulary.tags, least: 1) }
            if !isWith || chance(8) { rule.withoutTags = some(of: Vocabulary.tags, least: 1) }
        }
        if chance(3) { rule.except = except() }
        return rule
    }

    private mutating func except() -> Except {
        var except = Except()
        switch random.below(4) {
        case 0: except.users = [one(of: world.policies.users.map(\.name) + [""])].filter { $0 != "" }
        case 1: except.groups = some(of: Vocabulary.groups, least: 1)
        case 2: except.attributes[one(of: Vocabulary.attributes)] = some(of: Vocabulary.values, least: 1)
        default: except.purposes = some(of: Vocabulary.purposes, least: 1)
        }
        if except == Except() { except.groups = ["g1"] }
        return except
    }

    mutating func span() -> TimeSpan {
        one(of: [86_400, 43_200, 172_800, 259_200, 1])
    }
}

extension World {
    /// The names of the global policies that apply to a data source and allow exceptions.
    func policiesThatMayBeExcepted(from source: DataSource) -> [Text] {
        let tags = withImplied(source.tags)
        return policies.globalPolicies
            .filter { policy in policy.allowsExceptions && policy.tags.contains { tags.contains($0) } }
            .map(\.name)
    }
}
