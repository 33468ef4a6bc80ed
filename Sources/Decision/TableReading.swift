import Policy

/// What a Spark session is told of the directories that one of its relations reads: rules 2 to 7 and 10 without the
/// files, and the data policies. What the NameNode says of a table's files comes after that, under a grant.
package struct TableReading: Sendable {
    package var verdict: Verdict
    package var reason: Reason
    /// The places of the data sources that cover the directories; empty if nothing does.
    package var dataSources: [Int] = []
    /// Why it is refused, where no rule's own words say it.
    package var words: String?
    /// What binds the user, data source by data source; empty unless it is a table that may be read.
    package var policies: [(dataSource: Int, bound: DataPolicies)] = []
    /// The seconds for which this holds, if nothing changes; ``Access/endless`` for ever.
    package var lifetime = Access.endless

    /// Whether files are read that nobody may read without a grant.
    package var needsGrant: Bool { !policies.isEmpty }

    package func decision(policyVersion: UInt64) -> Decision {
        Decision(verdict: verdict, reason: reason, policyVersion: policyVersion, dataSource: dataSources.first)
    }
}

extension Snapshot {
    /// Whether the rules look at what somebody reads at all: rules 3 and 4.
    package func governs(_ standing: Standing) -> Bool {
        !standing.isIgnored && !(standing.match == .none && settings.unmapped == .native)
    }

    /// - Parameters:
    ///   - paths: what one relation reads, one at least; need not be canonical.
    package func tableReading(
        of paths: [[UInt8]], by caller: Caller, standing: Standing, at now: Instant
    ) -> TableReading {
        var group: Cover.GroupID?
        for (index, path) in paths.enumerated() {
            guard let canonical = CanonicalPath.canonical(path.span) else {
                return TableReading(verdict: .deny, reason: .badPath)
            }
            let found = cover.group(of: canonical.span)
            if let table = table(below: canonical, besides: found) {
                let (path, name) = (String(decoding: canonical, as: UTF8.self), dataSources[table].definition.name)
                return TableReading(
                    verdict: .deny, reason: .rawTableRead, dataSources: [table],
                    words: "`\(path)` holds the table `\(name)`; read each table by a directory of its own")
            }
            if index > 0, found != group {
                let members = [group, found].compactMap(\.self).flatMap { cover.groups[Int($0)] }
                return TableReading(
                    verdict: .deny, reason: .rawTableRead, dataSources: members,
                    words: "one relation reads directories of different data sources; read each by itself")
            }
            group = found
        }
        guard let group else { return TableReading(verdict: .native, reason: .notProtected) }
        return tableReading(of: cover.groups[Int(group)], by: caller, standing, at: now)
    }

    /// A table in whose directories one strays by going down from a path.
    private func table(below path: [UInt8], besides group: Cover.GroupID?) -> Int? {
        for entry in cover.entries(below: path) where entry.group != group {
            let table = cover.groups[Int(entry.group)].first { dataSourceFacts[$0].isTable }
            if let table { return table }
        }
        return nil
    }

    private func tableReading(
        of members: [Int], by caller: Caller, _ standing: Standing, at now: Instant
    ) -> TableReading {
        var reading = TableReading(verdict: .allow, reason: .subscribed, dataSources: members)
        for dataSource in members {
            let said = explanation(of: caller, standing: standing, dataSource: dataSource, at: now)
            let isTable = dataSourceFacts[dataSource].isTable
            let isReadUnderGrant = isTable && said.reason == .rawTableRead
            guard said.verdict == .allow || isReadUnderGrant else {
                // A deny of one of several wins over what is native for another.
                guard said.verdict == .deny || reading.verdict == .allow else { continue }
                reading.verdict = said.verdict
                reading.reason = said.reason
                reading.dataSources = [dataSource] + members.filter { $0 != dataSource }
                if said.verdict == .deny { break }
                continue
            }
            guard let user = said.user else { continue }
            reading.lifetime = min(reading.lifetime, access(user: user, dataSource: dataSource, at: now).lifetime)
            guard isTable else { continue }
            reading.policies.append((dataSource, boundDataPolicies(person(user, at: now), dataSources[dataSource])))
        }
        if reading.verdict != .allow { reading.policies = [] }
        return reading
    }
}
