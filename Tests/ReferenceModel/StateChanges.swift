/// A command of a user or an approver, as an administrator gives it for them.
package enum Command: Equatable, Sendable {
    case switchProject(user: Text, project: Text?)
    case acknowledge(Acknowledgement)
    case withdraw(Acknowledgement)
    case request(Request)
    case withdrawRequest(Request)
    case deny(Request)
    /// For so many seconds; `nil` for the longest time allowed.
    case approve(Request, span: TimeSpan?)
    case revoke(Request)
}

/// What becomes of state by commands and when policies change (`docs/policy.md`, What is not in files).
extension World {
    /// Other policies are in force from now on.
    package mutating func apply(_ policies: Policies) {
        let (before, wordsBefore) = (self.policies, words)
        self.policies = policies
        let wordsNow = words
        let users = Set(policies.users.map(\.name))
        let sources = Set(policies.dataSources.map(\.name))
        let projects = Dictionary(uniqueKeysWithValues: policies.projects.map { ($0.name, $0) })
        // Ends with the project or the user.
        state.currentProject = state.currentProject.filter { users.contains($0) && projects[$1] != nil }
        // Ends when the project no longer has the purpose, when the purpose's words change, with any of the three.
        state.acknowledgements.removeAll { acknowledgement in
            !users.contains(acknowledgement.user)
                || projects[acknowledgement.project]?.purposes.contains(acknowledgement.purpose) != true
                || wordsNow[acknowledgement.purpose] != wordsBefore[acknowledgement.purpose]
        }
        // End with the user or the data source.
        state.requests.removeAll { !users.contains($0.user) || !sources.contains($0.dataSource) }
        state.approvals.removeAll { !users.contains($0.user) || !sources.contains($0.dataSource) }
        // Ends with the data source; and what another principal could read counts for nothing.
        crawls = crawls.filter { name, _ in
            let source = policies.dataSources.first { $0.name == name }
            return source != nil && source?.credential == before.dataSources.first { $0.name == name }?.credential
        }
    }

    /// What each purpose says.
    private var words: [Text: Text] {
        Dictionary(uniqueKeysWithValues: policies.purposes.map { ($0.name, $0.about) })
    }

    /// - Returns: whether the command is carried out; one that is not changes nothing.
    package mutating func perform(_ command: Command, at now: Instant) -> Bool {
        switch command {
        case .switchProject(let user, let project):
            guard project == nil || isMember(user, of: project!, at: now) else { return false }
            state.currentProject[user] = project
        case .acknowledge(let one):
            let project = policies.projects.first { $0.name == one.project }
            guard isMember(one.user, of: one.project, at: now), project?.purposes.contains(one.purpose) == true else {
                return false
            }
            state.acknowledgements.removeAll { $0 == one }
            state.acknowledgements.append(one)
        case .withdraw(let one):
            state.acknowledgements.removeAll { $0 == one }
        case .request(let one):
            guard !approvalTerms(of: one.dataSource).isEmpty else { return false }
            state.requests.removeAll { $0 == one }
            state.requests.append(one)
        case .withdrawRequest(let one), .deny(let one):
            guard state.requests.contains(one) else { return false }
            state.requests.removeAll { $0 == one }
        case .approve(let one, let span):
            // For no longer than the shortest `at-most`, and for that long if nothing is said.
            let longest = approvalTerms(of: one.dataSource).compactMap { $0 }.min()
            if let span, let longest, span > longest { return false }
            guard state.requests.contains(one) else { return false }
            state.requests.removeAll { $0 == one }
            // A new approval of the same user and data source replaces the old one.
            state.approvals.removeAll { $0.user == one.user && $0.dataSource == one.dataSource }
            let until = (span ?? longest).map { now + $0 * 1_000 }
            state.approvals.append(Approval(one.user, one.dataSource, until: until))
        case .revoke(let one):
            guard state.approvals.contains(where: { $0.user == one.user && $0.dataSource == one.dataSource }) else {
                return false
            }
            state.approvals.removeAll { $0.user == one.user && $0.dataSource == one.dataSource }
        }
        return true
    }

    private func isMember(_ user: Text, of project: Text, at now: Instant) -> Bool {
        guard let user = policies.users.first(where: { $0.name == user }),
            let project = policies.projects.first(where: { $0.name == project })
        else { return false }
        return isMember(user, of: project, at: now)
    }

    /// The `at-most` of every policy of a data source that asks for an approval.
    private func approvalTerms(of dataSource: Text) -> [TimeSpan?] {
        guard let source = policies.dataSources.first(where: { $0.name == dataSource }) else { return [] }
        return policiesThatApply(to: source).compactMap { policy in
            guard case .approval(_, let atMost)? = policy.subscription else { return nil }
            return .some(atMost)
        }
    }
}
