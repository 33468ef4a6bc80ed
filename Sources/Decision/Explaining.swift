import Policy

extension Snapshot {
    /// What the rules say of a caller at a data source, as far as they do not look at a file.
    package struct SourceExplanation: Sendable {
        package var verdict: Verdict
        package var reason: Reason
        /// What a rule before rule 10 says, where one decides.
        package var words: String?
        package var user: Int?
        package var resolution: Resolution?
    }

    package func explanation(
        of caller: Caller?, standing: Standing, dataSource: Int, at now: Instant
    ) -> SourceExplanation {
        let source = dataSources[dataSource]
        guard let caller else {
            return SourceExplanation(
                verdict: .deny, reason: .badPrincipal, words: "the principal is none that Kerberos could have issued")
        }
        if standing.isIgnored {
            return SourceExplanation(
                verdict: .native, reason: .ignoredUser, words: "the principal is on the list of ignored users")
        }
        guard case .user(let user) = standing.match else {
            guard standing.match == .none else {
                return SourceExplanation(
                    verdict: .deny, reason: .ambiguousPrincipal, words: "more than one user claims the principal")
            }
            return SourceExplanation(
                verdict: settings.unmapped == .deny ? .deny : .native, reason: .unmappedUser,
                words: "the principal maps to no user")
        }
        let resolution = resolution(user: user, dataSource: dataSource, at: now)
        var result = SourceExplanation(
            verdict: .deny, reason: access(user: user, dataSource: dataSource, at: now).outcome.reason, user: user,
            resolution: resolution)
        if !facts(of: user).isEnabled(at: now) {
            result.reason = .disabledUser
            result.words = "the user is disabled or suspended"
        } else if source.owner?.matches(caller) == true {
            result.verdict = .native
            result.reason = .dataOwner
            result.words = "the data source was created with this principal"
        } else if source.definition.kind == .table {
            result.words = "raw files of a table are read by Spark jobs under a grant only; what follows is for those"
            if result.reason == .subscribed { result.reason = .rawTableRead }
        } else if result.reason == .subscribed {
            result.verdict = .allow
        }
        return result
    }

    /// The projects that a user is a member of, or acts under, by name.
    package func projects(of user: Int, at now: Instant) -> [(definition: Project, isMember: Bool, isCurrent: Bool)] {
        let id = users.facts(user).id
        let groups = users.groups(user)
        let current = states[id]?.project
        return projects.values.sorted { $0.name < $1.name }.compactMap { project in
            let isMember = project.members.end(ofUser: id, groups: groups, at: now) != nil
            guard isMember || project.name == current else { return nil }
            return (project.definition, isMember, project.name == current)
        }
    }

    package func project(named name: String) -> Project? { projects[name]?.definition }

    /// What a user has said or been given by commands.
    package func state(of user: Int) -> UserState { states[users.facts(user).id] ?? UserState() }

    package func isEnabled(_ user: Int, at now: Instant) -> Bool { facts(of: user).isEnabled(at: now) }

    /// What every policy that asks for an approval at a data source says of it; empty if none asks.
    package func approvalTerms(of dataSource: Int) -> [ApprovalTerms] {
        dataSources[dataSource].terms.compactMap { terms in
            if case .approval(let approval) = terms.subscription { approval } else { nil }
        }
    }

    /// Whether every policy that asks for an approval names a user as an approver.
    package func mayApprove(_ user: Int, dataSource: Int) -> Bool {
        let name = userName(user)
        let groups = Set(users.groups(user).map { vocabulary.groups[$0] })
        let terms = approvalTerms(of: dataSource)
        return !terms.isEmpty
            && terms.allSatisfy { $0.users.contains(name) || !$0.groups.isDisjoint(with: groups) }
    }
}
