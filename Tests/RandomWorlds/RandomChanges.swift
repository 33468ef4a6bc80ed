import ReferenceModel

/// What happens to a world.
extension RandomWorld {
    mutating func step(questions: Int) -> Step {
        switch random.below(100) {
        case 0..<30: return .ask((0..<questions).map { _ in question() })
        case 30..<57: return .wait(pause())
        case 57..<60 where setsClock:
            return .setClock(one(of: [-3_600_000, -60_000, -1_000, 1_000, 60_000, 3_600_000, 43_200_000, -43_200_000]))
        case 60..<72: return policyChange() ?? .wait(1)
        case 72..<86: return command().map { .perform($0) } ?? .wait(1)
        case 86..<89: return catalogueChange()
        case 89: return restart()
        case 90: return .flushCache
        case 91..<96: return .check(question(isCheck: true))
        case 96..<99:
            guard let source = world.policies.dataSources.randomElement(using: &random) else { return .wait(1) }
            return .explain(principal(), dataSource: source.name)
        default: return .whoCanRead(one(of: files))
        }
    }

    // MARK: Time

    /// Milliseconds: so many that a cached decision is just old enough, or that something is just about to end.
    private mutating func pause() -> Int64 {
        let ends = world.ends + [(clock.wall / Vocabulary.halfDay + 1) * Vocabulary.halfDay]
        guard percent(60), let end = ends.filter({ $0 > clock.wall }).min() else {
            return one(of: [0, 1, 1_000, 30_000, 240_000, 599_999, 600_000, 600_001])
        }
        let left = end - clock.wall
        return one(of: [left - 5_000, left - 1_000, left - 1, left, left, left + 1].filter { $0 >= 0 })
    }

    // MARK: Policies

    private mutating func policyChange() -> Step? {
        guard !settingsHaveChanged else { return nil }
        if chance(8) {
            // Back to where the clock of approvals and the like has not been.
            return .rollBack(to: one(of: pastPolicies))
        }
        let changed = changedPolicies()
        guard changed != world.policies else { return nil }
        let edit = PolicyEdit(from: world.policies, to: changed)
        return chance(10) ? .applyAnew(edit) : .apply(edit)
    }

    /// Policies that differ from those of the world in one object, and in what cannot stay as it is without it.
    private mutating func changedPolicies() -> Policies {
        let before = world
        defer { world = before }
        switch random.below(20) {
        case 0...4: putUser(one(of: Vocabulary.users))
        case 5...10: putDataSource(one(of: Vocabulary.sources))
        case 11, 12: putProject(one(of: Vocabulary.projects))
        case 13, 14: putGlobalPolicy(one(of: Vocabulary.globalPolicies))
        case 15: changeTag()
        case 16: changePurpose()
        case 17: putIgnoredUsers()
        default: removeSomething()
        }
        world.tidy()
        return world.policies
    }

    private mutating func changeTag() {
        let place = random.below(world.policies.tags.count)
        if chance(2) {
            let later = world.policies.tags.dropFirst(place + 1).map(\.name)
            world.policies.tags[place].implies = later.isEmpty ? [] : some(of: later, most: 1)
        } else {
            world.policies.tags[place].components = some(of: Vocabulary.tagComponents)
        }
    }

    /// Its words, with which every acknowledgement ends.
    private mutating func changePurpose() {
        let place = random.below(world.policies.purposes.count)
        world.policies.purposes[place].about = "for \(random.below(1_000))"
    }

    private mutating func removeSomething() {
        switch random.below(4) {
        case 0: remove(\.users)
        case 1: remove(\.dataSources)
        case 2: remove(\.projects)
        default: remove(\.globalPolicies)
        }
    }

    private mutating func remove<Object>(_ objects: WritableKeyPath<Policies, [Object]>) {
        guard let place = world.policies[keyPath: objects].indices.randomElement(using: &random) else { return }
        world.policies[keyPath: objects].remove(at: place)
    }

    // MARK: Commands

    /// - Returns: `nil` where there is nothing to say it of.
    private mutating func command() -> Command? {
        guard let user = world.policies.users.randomElement(using: &random)?.name else { return nil }
        let project = world.policies.projects.randomElement(using: &random)
        switch random.below(16) {
        case 0...4: return .switchProject(user: user, project: chance(5) ? nil : project?.name)
        case 5, 6:
            guard let project, let purpose = project.purposes.randomElement(using: &random) else { return nil }
            let acknowledgement = Acknowledgement(user, project.name, purpose)
            return chance(3) ? .withdraw(acknowledgement) : .acknowledge(acknowledgement)
        case 7...9:
            let asked = world.policies.dataSources.shuffled(using: &random).map { Request(user, $0.name) }
            // Mostly where a policy asks for an approval.
            return asked.first { takes(.request($0)) }.map { .request($0) } ?? asked.first.map { .request($0) }
        case 10...13:
            guard let request = world.state.requests.randomElement(using: &random) else { return nil }
            if chance(4) { return .deny(request) }
            if chance(3) { return .withdrawRequest(request) }
            return .approve(request, span: chance(2) ? nil : span())
        default:
            guard let approval = world.state.approvals.randomElement(using: &random) else { return nil }
            return .revoke(Request(approval.user, approval.dataSource))
        }
    }

    private func takes(_ command: Command) -> Bool {
        var world = world
        return world.perform(command, at: clock.wall)
    }

    // MARK: The service

    private mutating func restart() -> Step {
        let before = world
        defer { world = before }
        if chance(2) { makeSettings() }
        // Policies that were checked under other settings may have two users of one name.
        if chance(3) {
            world.naming.endings = one(of: Vocabulary.namings)
            if chance(3) { world.naming.ignoresCase.toggle() }
            if world.naming != before.naming { settingsHaveChanged = true }
        }
        return .restart(world.naming, world.settings)
    }
}

extension World {
    /// When something ends.
    fileprivate var ends: [Instant] {
        func ends(_ entries: Entries) -> [Instant] { (entries.users + entries.groups).compactMap(\.until) }
        let subscriptions =
            policies.dataSources.map(\.subscription) + policies.globalPolicies.compactMap(\.subscription)
        let named = subscriptions.flatMap { subscription in
            if case .named(let entries) = subscription { ends(entries) } else { [Instant]() }
        }
        return named + policies.projects.flatMap { ends($0.members) } + policies.users.compactMap(\.suspendedUntil)
            + state.approvals.compactMap(\.until)
    }
}
