import Policy

/// May a path that is covered, or that holds something covered, become another path?
///
/// Renaming and `concat` would otherwise take data out of its cover, where everybody whom HDFS lets may read it.
package struct MoveRules: ~Copyable {
    let snapshot: Snapshot
    let now: Moment

    package init(snapshot: Snapshot, now: Moment) {
        self.snapshot = snapshot
        self.now = now
    }

    /// - Parameters:
    ///   - path, destination: as asked; need not be canonical.
    ///   - caller, standing: as for ``ReadRules/decide(path:caller:standing:cache:trace:)``.
    /// - Returns: `native` for a move that leaves nothing uncovered and for those whom rule 3, 4 or 7 exempts from
    ///   every data source concerned; otherwise `deny` with ``Reason/leavesCover``. Paths that cannot be made canonical
    ///   are refused with ``Reason/badPath``.
    package func decide(
        path: borrowing Span<UInt8>, destination: borrowing Span<UInt8>, caller: Caller?, standing: Snapshot.Standing
    ) -> Decision {
        guard let source = CanonicalPath.canonical(path), let target = CanonicalPath.canonical(destination) else {
            return outcome(.deny, .badPath)
        }
        let group = snapshot.cover.group(of: source.span)
        let below = snapshot.cover.entries(below: source)
        guard let concerned = group ?? below.first?.group else { return outcome(.native, .notProtected) }
        let dataSource = snapshot.cover.groups[Int(concerned)][0]

        guard let caller else { return outcome(.deny, .badPrincipal, dataSource) }
        if standing.isIgnored { return outcome(.native, .ignoredUser, dataSource) }
        if standing.match == .none, snapshot.settings.unmapped == .native {
            return outcome(.native, .unmappedUser, dataSource)
        }
        let concernsOnlyOwn =
            (group.map { owns($0, caller) } ?? true) && below.allSatisfy { owns($0.group, caller) }
        if concernsOnlyOwn, reachesOwnerRule(standing) { return outcome(.native, .dataOwner, dataSource) }
        // What is covered below the destination would cover the data that arrives there.
        let staysCovered =
            below.isEmpty && snapshot.cover.group(of: target.span) == group
            && snapshot.cover.entries(below: target).allSatisfy { $0.group == group }
        return staysCovered ? outcome(.native, .notProtected) : outcome(.deny, .leavesCover, dataSource)
    }

    /// Whether rules 4 to 6 leave the decision to rule 7: one whose reads they deny must not move the data out instead.
    private func reachesOwnerRule(_ standing: Snapshot.Standing) -> Bool {
        guard case .user(let index) = standing.match else { return false }
        return (standing.facts ?? snapshot.facts(of: index)).isEnabled(at: now.wall)
    }

    private func owns(_ group: Cover.GroupID, _ caller: Caller) -> Bool {
        snapshot.cover.groups[Int(group)].allSatisfy { snapshot.dataSources[$0].owner?.matches(caller) ?? false }
    }

    private func outcome(_ verdict: Verdict, _ reason: Reason, _ dataSource: Int? = nil) -> Decision {
        Decision(verdict: verdict, reason: reason, policyVersion: snapshot.version, dataSource: dataSource)
    }
}
