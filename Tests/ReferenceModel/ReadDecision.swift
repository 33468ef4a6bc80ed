/// The rules of `docs/decisions.md` once more: slow, plain, without a line of the product, in the order of the page.
extension World {
    /// - Parameters:
    ///   - now: the wall clock, by which suspensions end and files age.
    ///   - standingAt: the wall clock by which subscriptions, approvals and memberships end at a data source. It is
    ///     `now`, unless a decision about it that was made before somebody set the clock is still good.
    package func answer(_ question: Question, at now: Instant, standingAt: Clock? = nil) -> Answer {
        let standingAt = standingAt ?? { _ in now }
        switch question.operation {
        case .read: return read(question, at: now, standingAt: standingAt)
        case .traverse: return traverse(question, at: now, standingAt: standingAt)
        case .move(let destination): return move(question, to: destination, at: now)
        }
    }

    /// What a clock shows for a data source.
    package typealias Clock = (DataSource) -> Instant

    private func read(_ question: Question, at now: Instant, standingAt: Clock, isTraverse: Bool = false) -> Answer {
        // 1
        guard let path = canonicalComponents(of: question.path) else { return Answer(.deny, .badPath) }
        noteSpelling(of: question.path)
        // 2
        let sources = covering(path)
        guard let first = sources.first?.name else { return Answer(.native, .notProtected) }
        guard let caller = naming.caller(question.principal) else { return Answer(.deny, .badPrincipal, first) }
        // 3
        if isIgnored(caller) { return Answer(.native, .ignoredUser, first) }
        // 4
        let users = users(for: caller)
        guard let user = users.first else {
            note(settings.deniesUnmapped ? .unmappedDenied : .unmappedNative)
            return Answer(settings.deniesUnmapped ? .deny : .native, .unmappedUser, first)
        }
        // 5
        if users.count > 1 { return Answer(.deny, .ambiguousPrincipal, first) }
        return read(
            path, of: sources, by: user, caller, question.inodes, at: now, standingAt: standingAt,
            isTraverse: isTraverse)
    }

    /// Rules 6 to 12.
    ///
    /// - Parameter caller: `nil` to leave out rule 7.
    private func read(
        _ path: [Text], of sources: [DataSource], by user: User, _ caller: Caller?, _ inodes: [Inode]?,
        at now: Instant, standingAt: Clock, isTraverse: Bool = false
    ) -> Answer {
        // 6
        if isDisabled(user, at: now) { return Answer(.deny, .disabledUser, sources[0].name) }
        // Each data source for itself. A deny wins over native, native over allow; the first is named.
        let answers = sources.map { source -> Answer in
            // 7
            if let caller, isOwner(caller, of: source) { return Answer(.native, .dataOwner, source.name) }
            // 9
            if source.kind == .table { return Answer(.deny, .rawTableRead, source.name) }
            // 10
            let standingAt = standingAt(source)
            let findings = findings(about: user, at: source, standingAt: standingAt)
            if let failure = findings.first(where: { !$0.holds }) {
                if findings.filter({ !$0.holds }).count > 1 { note(.failsTwice) }
                return Answer(.deny, failure.reason, source.name)
            }
            if isTraverse { return Answer(.allow, .subscribed, source.name) }
            if !fileRulesHold(for: path, of: source, user, standingAt: standingAt, now: now) {
                return Answer(.deny, .policy, source.name)
            }
            // 11, 12
            return catalogued(path, of: source, inodes)
        }
        if answers.count > 1 {
            note(.severalDataSources)
            let verdicts = Set(answers.map(\.verdict))
            if verdicts.count > 1 { note(verdicts.contains(.deny) ? .denyBeatsNativeOrAllow : .nativeBeatsAllow) }
        }
        return answers.first { $0.verdict == .deny } ?? answers.first { $0.verdict == .native } ?? answers[0]
    }

    func isDisabled(_ user: User, at now: Instant) -> Bool {
        if !user.enabled {
            note(.disabled)
            return true
        }
        guard let until = user.suspendedUntil else { return false }
        note(now < until ? .suspended : .suspensionOver)
        return now < until
    }

    /// Rule 7.
    func isOwner(_ caller: Caller, of source: DataSource) -> Bool {
        guard let credential = source.credential else { return false }
        let isOwner = naming.isSame(credential, caller)
        note(isOwner ? (caller.principal == nil ? .ownerByShortName : .ownerByPrincipal) : .ownerOfAnother)
        return isOwner
    }

    /// Allowed to whom a read would be by the rules up to 10, but for file rules; never denied. HDFS has refused
    /// already, so where it has to allow too nothing is allowed.
    private func traverse(_ question: Question, at now: Instant, standingAt: Clock) -> Answer {
        var answer = read(question, at: now, standingAt: standingAt, isTraverse: true)
        if answer.verdict == .allow { note(settings.intersects ? .traverseIntersected : .traverseAllowed) }
        if answer.verdict == .deny { note(.traverseNative) }
        if answer.verdict == .deny || settings.intersects { answer.verdict = .native }
        return answer
    }

    /// The data sources that decide about a path; none where that is no path.
    package func sources(over path: Text) -> [DataSource] {
        canonicalComponents(of: path).map(covering) ?? []
    }

    // MARK: Whoever asks

    /// The users whom a read of the file is not denied, by their names, each with the answer. As rules 3 to 5 and 7 look
    /// at principals, they are left out.
    ///
    /// - Returns: `nil` if there is no such path, or nothing covers it.
    package func readers(of path: Text, at now: Instant) -> [(user: Text, answer: Answer)]? {
        guard let path = canonicalComponents(of: path) else { return nil }
        let sources = covering(path)
        guard !sources.isEmpty else { return nil }
        return policies.users.sorted { $0.name < $1.name }
            .map { ($0.name, read(path, of: sources, by: $0, nil, nil, at: now, standingAt: { _ in now })) }
            .filter { $0.1.verdict != .deny }
    }

    /// What is said of a principal at a data source, as far as it does not depend on the file.
    package func answer(_ principal: Text, at source: DataSource, now: Instant) -> Answer {
        guard let caller = naming.caller(principal) else { return Answer(.deny, .badPrincipal) }
        if isIgnored(caller) { return Answer(.native, .ignoredUser) }
        let users = users(for: caller)
        guard let user = users.first else { return Answer(settings.deniesUnmapped ? .deny : .native, .unmappedUser) }
        if users.count > 1 { return Answer(.deny, .ambiguousPrincipal) }
        if isDisabled(user, at: now) { return Answer(.deny, .disabledUser) }
        if isOwner(caller, of: source) { return Answer(.native, .dataOwner) }
        // Rows and columns of a table are asked for by Spark jobs; rule 9 is what is left if rule 10 has nothing to say.
        if let failure = findings(about: user, at: source, standingAt: now).first(where: { !$0.holds }) {
            return Answer(.deny, failure.reason)
        }
        return source.kind == .table ? Answer(.deny, .rawTableRead) : Answer(.allow, .subscribed)
    }
}
