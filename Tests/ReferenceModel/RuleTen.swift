/// What one policy asks of a user, or the project, and whether that holds.
package struct Finding: Equatable, Sendable {
    package enum Ask: Hashable, Sendable {
        case subscription
        case project
        case purposes
    }

    package var ask: Ask
    /// The global policy; `nil` for the data source's own, and for the project.
    package var globalPolicy: Text?
    package var holds: Bool

    package init(_ ask: Ask, of globalPolicy: Text? = nil, holds: Bool) {
        (self.ask, self.globalPolicy, self.holds) = (ask, globalPolicy, holds)
    }

    /// The reason of the denial where it does not hold.
    package var reason: Reason {
        switch ask {
        case .subscription: .notSubscribed
        case .project: .outsideProject
        case .purposes: .purpose
        }
    }
}

/// The part of a policy that rule 10 looks at, be it a data source's own or a global one.
struct AppliedPolicy {
    /// `nil` for the data source's own.
    var globalPolicy: Text?
    var subscription: Subscription?
    var purposes: [Text]
    var fileRules: [FileRule]
}

extension World {
    /// The first three questions of rule 10, in their order, each for the policies that apply in theirs.
    package func findings(about user: User, at source: DataSource, standingAt: Instant) -> [Finding] {
        let policies = policiesThatApply(to: source)
        let purposes = purposesOfActing(user, at: standingAt)
        var findings: [Finding] = []
        for policy in policies {
            guard let subscription = policy.subscription else { continue }
            let holds = holds(subscription, for: user, at: source, standingAt)
            note(policy.globalPolicy == nil ? (holds ? .ownHolds : .ownFails) : (holds ? .globalHolds : .globalFails))
            findings.append(Finding(.subscription, of: policy.globalPolicy, holds: holds))
        }
        if let project = currentProject(of: user) {
            let isMember = isMember(user, of: project, at: standingAt)
            let holdsSource = project.dataSources.contains(source.name)
            note(!isMember ? .memberNoMore : holdsSource ? .insideProject : .projectWithoutDataSource)
            findings.append(Finding(.project, holds: isMember && holdsSource))
        } else {
            note(.underNoProject)
        }
        for policy in policies where !policy.purposes.isEmpty {
            let isMet = policy.purposes.contains { purposes.contains($0) }
            note(
                policy.globalPolicy == nil
                    ? (isMet ? .ownPurposeMet : .ownPurposeMissed) : isMet ? .globalPurposeMet : .globalPurposeMissed)
            findings.append(Finding(.purposes, of: policy.globalPolicy, holds: isMet))
        }
        return findings
    }

    /// The data source's own policy first, then the global policies by their names.
    func policiesThatApply(to source: DataSource) -> [AppliedPolicy] {
        let tags = withImplied(source.tags)
        let global = policies.globalPolicies.filter { policy in
            guard policy.tags.contains(where: { tags.contains($0) }) else { return false }
            if source.exceptions.contains(policy.name) {
                note(.globalPolicyExcepted)
                return false
            }
            let isOwn = policy.tags.contains { source.tags.contains($0) }
            note(isOwn ? .globalPolicyByOwnTag : .globalPolicyByImpliedTag)
            return true
        }
        let own = AppliedPolicy(
            subscription: source.subscription, purposes: source.purposes, fileRules: source.fileRules)
        return [own]
            + global.sorted { $0.name < $1.name }.map { policy in
                AppliedPolicy(
                    globalPolicy: policy.name, subscription: policy.subscription, purposes: policy.purposes,
                    fileRules: policy.fileRules)
            }
    }

    /// The tags, and all that they imply.
    package func withImplied(_ names: [Text]) -> [Text] {
        var all = names
        while true {
            let more = policies.tags.filter { all.contains($0.name) }.flatMap(\.implies).filter { !all.contains($0) }
            if more.isEmpty { return all }
            all += more
        }
    }

    // MARK: Subscriptions

    private func holds(
        _ subscription: Subscription, for user: User, at source: DataSource, _ now: Instant
    ) -> Bool {
        switch subscription {
        case .anyone:
            note(.anyone)
            return true
        case .named(let entries):
            return holds(entries, for: user, now)
        case .condition(let condition):
            return holds(condition, for: user)
        case .approval:
            let approval = state.approvals.first { $0.user == user.name && $0.dataSource == source.name }
            guard let approval else {
                note(.approvalMissing)
                return false
            }
            let holds = isBefore(approval.until, now)
            note(approval.until == nil ? .approvalEndless : holds ? .approvalNotOver : .approvalOver)
            return holds
        }
    }

    /// One entry at least names the user, or a group that the user is in, and is not over.
    private func holds(_ entries: Entries, for user: User, _ now: Instant) -> Bool {
        let ofUser = entries.users.filter { $0.name == user.name }
        let ofGroups = entries.groups.filter { user.groups.contains($0.name) }
        for one in ofUser {
            note(one.until == nil ? .userEntry : now < one.until! ? .userEntryNotOver : .userEntryOver)
        }
        for one in ofGroups {
            note(one.until == nil ? .groupEntry : now < one.until! ? .groupEntryNotOver : .groupEntryOver)
        }
        if entries == Entries() { note(.nobodyNamed) }
        return (ofUser + ofGroups).contains { isBefore($0.until, now) }
    }

    /// What holds until an instant holds before it, and not at it.
    private func isBefore(_ until: Instant?, _ now: Instant) -> Bool {
        guard let until else { return true }
        return now < until
    }

    private func holds(_ condition: Condition, for user: User) -> Bool {
        func noted(_ holds: Bool, _ isTrue: Feature, _ isFalse: Feature) -> Bool {
            note(holds ? isTrue : isFalse)
            return holds
        }
        switch condition {
        case .group(let name): return noted(user.groups.contains(name), .groupTrue, .groupFalse)
        case .attribute(let name, let value):
            return noted(user.attributes[name, default: []].contains(value), .attributeTrue, .attributeFalse)
        case .all(let parts): return noted(parts.allSatisfy { holds($0, for: user) }, .allTrue, .allFalse)
        case .any(let parts): return noted(parts.contains { holds($0, for: user) }, .anyTrue, .anyFalse)
        case .not(let part): return noted(!holds(part, for: user), .notTrue, .notFalse)
        }
    }

    // MARK: Projects and purposes

    private func currentProject(of user: User) -> Project? {
        guard let name = state.currentProject[user.name] else { return nil }
        return policies.projects.first { $0.name == name }
    }

    package func isMember(_ user: User, of project: Project, at now: Instant) -> Bool {
        holds(project.members, for: user, now)
    }

    /// The purposes that a user acts under: those of the project that they have acknowledged in it, if they are a
    /// member of it now.
    func purposesOfActing(_ user: User, at now: Instant) -> [Text] {
        guard let project = currentProject(of: user), isMember(user, of: project, at: now) else { return [] }
        return project.purposes.filter { purpose in
            let isAcknowledged = state.acknowledgements.contains(Acknowledgement(user.name, project.name, purpose))
            if !isAcknowledged { note(.purposeNotAcknowledged) }
            return isAcknowledged
        }
    }
}
