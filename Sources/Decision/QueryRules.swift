import Policy

/// May a caller query a table, its rows and columns as the policies say? What decides whether a Spark job is given a
/// grant: rules 3 to 7 of a read, and rule 10 as far as it looks at no file.
///
/// Rule 9 is left out: what it refuses is what a grant is for.
extension Snapshot {
    package struct QueryStanding: Sendable, Equatable {
        /// ``Reason/subscribed`` if the caller may.
        package var reason: Reason
        /// The user that the caller is, where it is one.
        package var user: Int?
        /// For how many whole seconds this holds, if nothing changes; `nil` for ever.
        package var seconds: UInt16?

        package var mayQuery: Bool { reason == .subscribed }
    }

    /// - Parameters:
    ///   - caller: `nil` if the principal is none that Kerberos could have issued.
    ///   - standing: what this snapshot says of the caller; ignored without a caller.
    ///   - dataSource: its place.
    package func query(
        by caller: Caller?, _ standing: Standing, dataSource: Int, at now: Instant
    ) -> QueryStanding {
        guard let caller else { return QueryStanding(reason: .badPrincipal) }
        if standing.isIgnored { return QueryStanding(reason: .ignoredUser) }
        guard case .user(let user) = standing.match else {
            return QueryStanding(reason: standing.match == .none ? .unmappedUser : .ambiguousPrincipal)
        }
        guard facts(of: user).isEnabled(at: now) else { return QueryStanding(reason: .disabledUser, user: user) }
        if dataSources[dataSource].owner?.matches(caller) == true {
            return QueryStanding(reason: .dataOwner, user: user)
        }
        let access = access(user: user, dataSource: dataSource, at: now)
        return QueryStanding(
            reason: access.outcome.reason, user: user,
            seconds: access.lifetime == Access.endless ? nil : access.lifetime)
    }

    /// The policy version at which what ``query(by:_:dataSource:at:)`` says of them may last have changed, but for the
    /// identity of the caller.
    package func queryChangedAt(user: Int, dataSource: Int) -> UInt64 {
        max(facts(of: user).changedAt, dataSources[dataSource].changedAt)
    }
}
