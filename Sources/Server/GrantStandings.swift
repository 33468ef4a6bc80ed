import Decision
import Grants

extension DecisionEngine {
    /// What the policies in force say of a grant now.
    ///
    /// - Parameters:
    ///   - version: that they were asked about it last.
    ///   - until: nanoseconds of the monotonic clock, until which that holds if nothing that concerns the grant has
    ///     changed since.
    package func standing(of grant: Grant, checkedAt version: UInt64 = 0, until: UInt64 = 0) -> GrantStanding {
        let (caller, standing) = known(grant.principal)
        guard let caller, !standing.isIgnored, case .user(let user) = standing.match,
            snapshot.facts(of: user).id == grant.userID
        else { return .fails(because: "`\(grant.principal)` is not the user `\(grant.user)` any more") }
        let now = now
        var hasChanged = now.monotonic >= until
        var places: [Int] = []
        for source in grant.sources {
            guard let place = snapshot.dataSource(named: source.name), snapshot.dataSources[place].id == source.id,
                snapshot.dataSources[place].definition.kind == .table
            else { return .fails(because: "there is no table `\(source.name)` any more") }
            places.append(place)
            hasChanged = hasChanged || snapshot.queryChangedAt(user: user, dataSource: place) > version
        }
        guard hasChanged else { return .holds(until: until) }
        var seconds = UInt64.max
        for place in places {
            let query = snapshot.query(by: caller, standing, dataSource: place, at: now.wall)
            guard query.mayQuery else {
                return .fails(because: GrantWords.refusal(query.reason, grant.principal, place, snapshot))
            }
            if let lifetime = query.seconds { seconds = min(seconds, UInt64(lifetime)) }
        }
        return .holds(until: seconds == .max ? .max : now.monotonic + seconds * 1_000_000_000)
    }
}
