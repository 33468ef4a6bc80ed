import Catalogue
import Grants
import Policy

/// The rules of a read decision in their order: pure functions over a snapshot.
///
/// The functions below are named and ordered as ``Rule`` is; together they are the document `docs/decisions.md`.
package struct ReadRules: ~Copyable {
    let snapshot: Snapshot
    let catalogue: CatalogueView
    /// Those that the claim may fit; `nil` where it fits none.
    let grants: LiveGrants?
    let claim: GrantClaim
    let now: Moment

    /// What is to be done with the path.
    private enum Purpose {
        case read
        /// Stat, or passing through: neither file rules nor the catalogue, which know files alone, say anything of this.
        case traversal
    }

    /// - Parameter claim: where in the evidence of the questions the proof lies that a job asks.
    package init(
        snapshot: Snapshot, catalogue: CatalogueView, grants: LiveGrants? = nil, claim: GrantClaim = .none, now: Moment
    ) {
        self.snapshot = snapshot
        self.catalogue = catalogue
        self.grants = grants
        self.claim = claim
        self.now = now
    }

    /// May this caller read the data of the file at this path?
    ///
    /// - Parameters:
    ///   - path: as it was asked; need not be canonical.
    ///   - evidence: the bytes in which the claim lies.
    ///   - caller: `nil` if the principal is none that Kerberos could have issued.
    ///   - standing: what this rules' snapshot says of the caller; ignored without a caller.
    package func decide(
        path: borrowing Span<UInt8>, evidence: borrowing Span<UInt8> = Span(), caller: Caller?,
        standing: Snapshot.Standing, cache: inout DecisionCache, trace: inout some DecisionTrace
    ) -> Decision {
        decide(.read, path, evidence, caller: caller, standing: standing, cache: &cache, trace: &trace)
    }

    private func decide(
        _ purpose: Purpose, _ path: borrowing Span<UInt8>, _ evidence: borrowing Span<UInt8>, caller: Caller?,
        standing: Snapshot.Standing, cache: inout DecisionCache, trace: inout some DecisionTrace
    ) -> Decision {
        if CanonicalPath.isCanonical(path) {
            trace.note(.canonicalPath, "it is, as asked")
            return decide(
                purpose, canonical: path, evidence, caller: caller, standing: standing, cache: &cache, trace: &trace)
        }
        guard let canonical = CanonicalPath.canonical(path) else {
            trace.note(.canonicalPath, "the path cannot be made canonical: deny, `bad-path`")
            return outcome(.deny, .badPath)
        }
        trace.note(.canonicalPath, "made canonical: `\(String(decoding: canonical, as: UTF8.self))`")
        return decide(
            purpose, canonical: canonical.span, evidence, caller: caller, standing: standing, cache: &cache,
            trace: &trace)
    }

    /// May this user read the file, whoever the principal behind it is? Rules 3 to 5 and 7 look at principals and are
    /// left out, and so is rule 8, which looks at jobs.
    ///
    /// - Parameters:
    ///   - user: the user's place.
    ///   - path: canonical, and covered.
    package func decide(
        user: Int, path: borrowing Span<UInt8>, cache: inout DecisionCache, trace: inout some DecisionTrace
    ) -> Decision {
        let nobody = Caller(principal: "", key: nil, shortName: "", shortNameKey: "")
        let standing = Snapshot.Standing(isIgnored: false, match: .user(user), facts: snapshot.facts(of: user))
        return decide(
            .read, canonical: path, Span(), caller: nobody, standing: standing, cache: &cache, trace: &trace)
    }

    /// As ``decide(path:evidence:caller:standing:cache:trace:)``, with nobody listening: the hot path, compiled for it.
    package func decide(
        path: borrowing Span<UInt8>, evidence: borrowing Span<UInt8> = Span(), caller: Caller?,
        standing: Snapshot.Standing, cache: inout DecisionCache
    ) -> Decision {
        var silence = NoTrace()
        return decide(
            path: path, evidence: evidence, caller: caller, standing: standing, cache: &cache, trace: &silence)
    }

    /// May this caller stat the path and pass through the directories above it, although HDFS refuses?
    ///
    /// File rules are about the data of files and are not asked.
    ///
    /// - Returns: `allow` for one who may read below a covered directory, unless HDFS must allow too; `native` for all
    ///   others; never `deny`. The reason is that of the read.
    package func decideTraversal(
        path: borrowing Span<UInt8>, evidence: borrowing Span<UInt8> = Span(), caller: Caller?,
        standing: Snapshot.Standing, cache: inout DecisionCache
    ) -> Decision {
        var silence = NoTrace()
        var decision = decide(
            .traversal, path, evidence, caller: caller, standing: standing, cache: &cache, trace: &silence)
        if decision.verdict == .deny || snapshot.settings.allow == .intersect { decision.verdict = .native }
        return decision
    }

    private func decide(
        _ purpose: Purpose, canonical path: borrowing Span<UInt8>, _ evidence: borrowing Span<UInt8>, caller: Caller?,
        standing: Snapshot.Standing, cache: inout DecisionCache, trace: inout some DecisionTrace
    ) -> Decision {
        guard let group = snapshot.cover.group(of: path) else {
            trace.note(.cover, "none does: native, `not-protected`")
            return outcome(.native, .notProtected)
        }
        let members = snapshot.cover.groups[Int(group)]
        trace.note(.cover, "covered by \(names(members))")
        guard let caller else {
            trace.note(.unmappedUser, "the principal is none that Kerberos could have issued: deny, `bad-principal`")
            return outcome(.deny, .badPrincipal, members[0])
        }
        if let decision = ignoredUser(caller, standing, members, &trace) { return decision }
        guard let user = mappedUser(caller, standing, &trace) else {
            return standing.match == .ambiguous
                ? outcome(.deny, .ambiguousPrincipal, members[0])
                : outcome(snapshot.settings.unmapped == .deny ? .deny : .native, .unmappedUser, members[0])
        }
        let facts = standing.facts ?? snapshot.facts(of: user)
        guard facts.isEnabled(at: now.wall) else {
            trace.note(
                .disabledUser,
                "`\(snapshot.userName(user))` is \(Self.words(disabled: facts)): deny, `disabled-user`")
            return outcome(.deny, .disabledUser, members[0])
        }
        trace.note(.disabledUser, "`\(snapshot.userName(user))` is enabled")

        let person = (place: user, facts: facts)
        var decided = decide(
            purpose, path, evidence, person, caller: caller, dataSource: members[0], cache: &cache, trace: &trace)
        for other in members.dropFirst() {
            let also = decide(
                purpose, path, evidence, person, caller: caller, dataSource: other, cache: &cache, trace: &trace)
            // Whichever decides, it is under the grant that the read goes through.
            let grant = decided.grant ?? also.grant
            decided = Self.stricter(decided, also)
            decided.grant = decided.verdict == .deny ? nil : grant
        }
        return decided
    }

    /// Rules 7 to 12: one user at one data source.
    private func decide(
        _ purpose: Purpose, _ path: borrowing Span<UInt8>, _ evidence: borrowing Span<UInt8>,
        _ user: (place: Int, facts: Snapshot.UserFacts), caller: Caller, dataSource: Int, cache: inout DecisionCache,
        trace: inout some DecisionTrace
    ) -> Decision {
        let facts = snapshot.dataSourceFacts[dataSource]
        if facts.hasOwner, snapshot.dataSources[dataSource].owner?.matches(caller) == true {
            trace.note(.dataOwner, "\(names([dataSource])) was created with it: native, `data-owner`")
            return outcome(.native, .dataOwner, dataSource)
        }
        trace.note(.dataOwner, "\(names([dataSource])) was not created with this principal")
        if let decision = grant(path, evidence, user.facts, dataSource, &trace) { return decision }
        if facts.isTable {
            trace.note(.rawTable, "\(names([dataSource])) is a table: deny, `raw-table-read`")
            return outcome(.deny, .rawTableRead, dataSource)
        }
        trace.note(.rawTable, "\(names([dataSource])) holds plain files")
        var decision = subscription(purpose, path, user, dataSource: dataSource, cache: &cache, trace: &trace)
        if purpose == .read, decision.verdict == .allow, !isInCatalogue(path, dataSource, &trace) {
            decision.verdict = .native
            decision.reason = .notInCatalogue
        }
        return decision
    }

    /// Rule 8. Grants are given for tables alone.
    private func grant(
        _ path: borrowing Span<UInt8>, _ evidence: borrowing Span<UInt8>, _ user: Snapshot.UserFacts,
        _ dataSource: Int, _ trace: inout some DecisionTrace
    ) -> Decision? {
        let facts = snapshot.dataSourceFacts[dataSource]
        guard facts.isTable else {
            trace.note(.grant, "grants are given for tables, and \(names([dataSource])) is none")
            return nil
        }
        guard let grants else {
            trace.note(.grant, "nothing that a grant is bound to came with the question")
            return nil
        }
        let number = grants.grant(
            for: claim, in: evidence, user: user.id, dataSource: facts.id, path: path, now: now.monotonic)
        guard let number else {
            trace.note(.grant, "none that is live fits this user, this job and this path")
            return nil
        }
        trace.note(
            .grant,
            "the grant `\(grants[number].map { String(decoding: $0.id, as: UTF8.self) } ?? "")` does: allow, `grant`")
        var decision = outcome(.allow, .grant, dataSource)
        decision.grant = number
        return decision
    }

    private func ignoredUser(
        _ caller: Caller, _ standing: Snapshot.Standing, _ members: [Int], _ trace: inout some DecisionTrace
    ) -> Decision? {
        guard standing.isIgnored else {
            trace.note(.ignoredUser, "neither `\(caller.principal)` nor `\(caller.shortName)` is on the list")
            return nil
        }
        trace.note(.ignoredUser, "`\(caller.principal)` (`\(caller.shortName)`) is on the list: native, `ignored-user`")
        return outcome(.native, .ignoredUser, members[0])
    }

    private func mappedUser(
        _ caller: Caller, _ standing: Snapshot.Standing, _ trace: inout some DecisionTrace
    ) -> Int? {
        switch standing.match {
        case .none:
            trace.note(
                .unmappedUser,
                """
                no user has the principal `\(caller.principal)` or the short name `\(caller.shortName)`: \
                \(snapshot.settings.unmapped.rawValue), `unmapped-user`
                """)
            return nil
        case .ambiguous:
            trace.note(.unmappedUser, "it does")
            trace.note(
                .ambiguousPrincipal,
                "more than one user claims `\(caller.principal)` or `\(caller.shortName)`: deny, `ambiguous-principal`")
            return nil
        case .user(let index):
            trace.note(.unmappedUser, "`\(caller.principal)` is the user `\(snapshot.userName(index))`")
            trace.note(.ambiguousPrincipal, "no other user claims it")
            return index
        }
    }

    /// Rule 10; `allow` if the user is subscribed.
    private func subscription(
        _ purpose: Purpose, _ path: borrowing Span<UInt8>, _ user: (place: Int, facts: Snapshot.UserFacts),
        dataSource: Int, cache: inout DecisionCache, trace: inout some DecisionTrace
    ) -> Decision {
        let source = snapshot.dataSourceFacts[dataSource]
        let (entry, wasCached) = cache.entry(
            user: user.facts.id, dataSource: source.id, changedAt: max(user.facts.changedAt, source.changedAt),
            version: snapshot.version, now: now.monotonic
        ) {
            snapshot.access(user: user.place, dataSource: dataSource, at: now.wall)
        }
        var decision = Decision(
            verdict: .deny, reason: .subscribed, policyVersion: entry.version, dataSource: dataSource,
            wasCached: wasCached, age: now.monotonic - entry.madeAt)
        switch entry.access.outcome {
        case .notSubscribed: decision.reason = .notSubscribed
        case .outsideProject: decision.reason = .outsideProject
        case .purpose: decision.reason = .purpose
        case .subscribed:
            if purpose == .read, entry.access.fileRules != 0,
                !fileRulesHold(for: path, binding: entry.access.fileRules, dataSource)
            {
                decision.reason = .policy
            } else {
                decision.verdict = .allow
            }
        }
        note(purpose, path, user.place, decision, binding: entry.access.fileRules, &trace)
        return decision
    }

    /// Notes what every policy asks, and which file rules do not hold.
    private func note<Trace: DecisionTrace>(
        _ purpose: Purpose, _ path: borrowing Span<UInt8>, _ user: Int, _ decision: Decision, binding: UInt32,
        _ trace: inout Trace
    ) {
        guard Trace.listens, let dataSource = decision.dataSource else { return }
        let source = snapshot.dataSources[dataSource]
        var failing: [String] = []
        for (index, rule) in source.fileRules.enumerated() where purpose == .read {
            guard binding & (1 << UInt32(index)) != 0 else { continue }
            guard !rule.holds(for: path, of: source.id, at: now.wall, catalogue) else { continue }
            failing.append("the file rule \(rule.words) does not hold: \(rule.definition.words)")
        }
        let resolution = snapshot.resolution(user: user, dataSource: dataSource, at: now.wall)
        trace.note(.subscription, resolution.words(failingRules: failing, decision))
    }

    /// - Parameter binding: a bit for each file rule of the data source that binds the user.
    private func fileRulesHold(
        for path: borrowing Span<UInt8>, binding: UInt32, _ dataSource: Int
    ) -> Bool {
        let source = snapshot.dataSources[dataSource]
        var rest = binding
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            guard source.fileRules[index].holds(for: path, of: source.id, at: now.wall, catalogue) else { return false }
            rest &= rest - 1
        }
        return true
    }

    private static func words(disabled facts: Snapshot.UserFacts) -> String {
        facts.isEnabled ? "suspended until \(Instant(milliseconds: facts.suspendedUntil))" : "disabled"
    }

    /// Rule 11. What it does not hold for is rule 12's.
    private func isInCatalogue(
        _ path: borrowing Span<UInt8>, _ dataSource: Int, _ trace: inout some DecisionTrace
    ) -> Bool {
        guard snapshot.settings.catalogue == .required else {
            trace.note(.catalogue, "none is required here, so every covered file counts: allow, `subscribed`")
            return true
        }
        let finding = catalogue.lookUp(dataSource: snapshot.dataSourceFacts[dataSource].id, path: path)
        trace.note(.catalogue, Self.words(finding) + (finding == .readable ? ": allow, `subscribed`" : ""))
        if finding == .readable { return true }
        trace.note(.otherwise, "HDFS's own permissions decide: native, `not-in-catalogue`")
        return false
    }

    private static func words(_ finding: CatalogueFinding) -> String {
        switch finding {
        case .readable: "the last crawl found the file, and the data source's credential can read it"
        case .notReadable: "the last crawl found the file, and the data source's credential cannot read it"
        case .unseen: "the last crawl did not find the file"
        case .notCrawled: "the data source has not been crawled; `authorizer datasource list` says why"
        }
    }

    /// Where several data sources cover one directory, every one of them must allow: a deny wins over native, and
    /// native wins over allow.
    private static func stricter(_ one: Decision, _ other: Decision) -> Decision {
        func rank(_ verdict: Verdict) -> Int {
            switch verdict {
            case .allow: 0
            case .native: 1
            case .deny: 2
            }
        }
        return rank(other.verdict) > rank(one.verdict) ? other : one
    }

    private func outcome(_ verdict: Verdict, _ reason: Reason, _ dataSource: Int? = nil) -> Decision {
        Decision(verdict: verdict, reason: reason, policyVersion: snapshot.version, dataSource: dataSource)
    }

    private func names(_ members: [Int]) -> String {
        members.map { "`\(snapshot.dataSources[$0].definition.name)`" }.joined(separator: " and ")
    }
}
