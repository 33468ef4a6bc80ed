import Administration
import Decision

/// The decision cache at one moment, to be looked through away from the event loop.
struct CacheView: Sendable {
    let entries: [DecisionCache.Entry?]
    let statistics: DecisionCache.Statistics
    /// Nanoseconds.
    let timeToLive: UInt64
    let snapshot: Snapshot
    /// Nanoseconds of the monotonic clock.
    let now: UInt64

    /// What is valid, the youngest first.
    ///
    /// - Parameter limit: most entries listed.
    func contents(limit: Int) -> CacheContents {
        let users = Dictionary(
            uniqueKeysWithValues: snapshot.allUsers.map { (snapshot.facts(of: $0).id, $0) })
        let sources = Dictionary(
            uniqueKeysWithValues: snapshot.allDataSources.map { (snapshot.dataSources[$0].id, $0) })
        let valid = entries.compactMap { $0 }.filter { entry in
            guard let user = users[entry.user], let source = sources[entry.dataSource] else { return false }
            let changedAt = max(snapshot.facts(of: user).changedAt, snapshot.dataSources[source].changedAt)
            return entry.version >= changedAt && now - entry.madeAt < entry.lifetime(atMost: timeToLive)
        }
        let youngest = valid.sorted { $0.madeAt > $1.madeAt }.prefix(max(0, limit))
        return CacheContents(
            capacity: entries.count, timeToLiveSeconds: Double(timeToLive) / 1e9, statistics: statistics,
            count: valid.count,
            entries: youngest.map { entry in
                CacheContents.Entry(
                    user: snapshot.userName(users[entry.user]!),
                    dataSource: snapshot.dataSources[sources[entry.dataSource]!].definition.name,
                    outcome: entry.access.outcome.reason.word, policyVersion: entry.version,
                    ageSeconds: Double(now - entry.madeAt) / 1e9)
            })
    }
}
