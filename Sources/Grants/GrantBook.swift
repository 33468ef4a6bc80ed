import DequeModule

/// What the policies say of a grant.
package enum GrantStanding: Sendable, Equatable {
    /// - Parameters:
    ///   - until: nanoseconds of the monotonic clock at which they may say something else, if nothing changes; `.max`
    ///     for never.
    case holds(until: UInt64)
    case fails(because: String)
}

/// Why a grant is not given or renewed, in words for who asked.
package struct GrantRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The life of grants: every change of theirs, as values. It knows no socket, disk, thread or clock; whoever holds it
/// carries out what it returns.
package struct GrantBook: Sendable {
    package struct Limits: Sendable, Equatable {
        /// Grants that are live at the same time.
        package var live = 16_384
        /// Of them, those of one user.
        package var liveOfOneUser = 256
        /// Data sources of all live grants together: what a change of policies looks at.
        package var sources = 65_536
        /// Handles of one grant.
        package var handles = 16
        /// Grants that ended and are remembered for the words of denials.
        package var ended = 1_024
        /// Tables that single jobs are kept out of.
        package var keptOut = 65_536

        package init() {}
    }

    private struct Tracked {
        var grant: Grant
        var number: UInt32
        /// The policy version that it was looked at last.
        var checkedAt: UInt64
        /// As in ``GrantStanding/holds(until:)``.
        var until: UInt64
    }

    /// A table and a job that wants to read it.
    private struct Access: Hashable {
        var userID: UInt32
        var application: String
        var source: UInt32
    }

    private let limits: Limits
    private var tracked: [String: Tracked] = [:]
    private var countOfUser: [UInt32: Int] = [:]
    private var sourceCount = 0
    private var lastNumber: UInt32 = 0
    /// What jobs are kept out of, with why, and the order in which that ends.
    private var keptOut: [Access: (words: String, until: UInt64)] = [:]
    private var keptOutOrder: Deque<Access> = []
    private var recent: Deque<(end: LiveGrants.Ended, handles: [GrantHandle])> = []
    /// What decisions go by.
    package private(set) var live = LiveGrants()

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    package var count: Int { tracked.count }

    /// The live grant with this id.
    package subscript(id: String) -> Grant? { tracked[id]?.grant }

    /// All live grants, in the order in which they were given.
    package var grants: [Grant] { tracked.values.sorted { $0.number < $1.number }.map(\.grant) }

    // MARK: Giving and renewing

    /// Puts a grant in force.
    ///
    /// - Parameters:
    ///   - standing: by the policies of that version.
    ///   - isOld: it was in force before the service was restarted: limits that have been made smaller do not end it,
    ///     nor does the end of another.
    /// - Throws: ``GrantRefusal`` if the policies do not allow it, an administrator has ended such a grant, or too many
    ///   are live.
    package mutating func add(
        _ grant: Grant, _ standing: GrantStanding, at version: UInt64, isOld: Bool = false
    ) throws(GrantRefusal) {
        guard case .holds(let until) = standing else { throw Self.refusal(standing) }
        precondition(tracked[grant.id] == nil && grant.state == .live, "a grant is given once")
        if !isOld { try requireAdmission(of: grant) }
        lastNumber += 1
        countOfUser[grant.userID, default: 0] += 1
        sourceCount += grant.sources.count
        set(Tracked(grant: grant, number: lastNumber, checkedAt: version, until: until))
    }

    private func requireAdmission(of grant: Grant) throws(GrantRefusal) {
        for access in Self.accesses(of: grant) {
            if let words = keptOut[access]?.words { throw GrantRefusal(words) }
        }
        guard countOfUser[grant.userID, default: 0] < limits.liveOfOneUser else {
            throw GrantRefusal(
                "`\(grant.user)` has \(limits.liveOfOneUser) live grants, as many as one user may; release some")
        }
        guard tracked.count < limits.live, sourceCount + grant.sources.count <= limits.sources else {
            throw GrantRefusal("as many grants are live as may be; try again when some have ended")
        }
    }

    /// Prolongs a live grant by its lifetime from now on.
    ///
    /// - Parameter handles: of tokens that the job has got since.
    /// - Returns: the grant as it is now.
    /// - Throws: ``GrantRefusal``; the grant is as it was then.
    package mutating func renew(
        _ id: String, adding handles: [GrantHandle], _ standing: GrantStanding, at version: UInt64, now: Grant.Mark
    ) throws(GrantRefusal) -> Grant {
        guard var entry = tracked[id], now.monotonic < entry.grant.expiresAt.monotonic else {
            throw GrantRefusal("the grant `\(id)` is not live any more; ask for another one")
        }
        guard case .holds(let until) = standing else { throw Self.refusal(standing) }
        guard entry.grant.renewals < entry.grant.mostRenewals else {
            throw GrantRefusal(
                """
                the grant `\(id)` was renewed \(entry.grant.renewals) times, as often as it may be; it ends when it \
                expires, ask for another one
                """)
        }
        let old = entry.grant.handles
        let added = handles.filter { !old.contains($0) }
        guard added.isEmpty || !old.isEmpty else {
            throw GrantRefusal("the grant `\(id)` is bound to no token, and stays so")
        }
        guard old.count + added.count <= limits.handles else {
            throw GrantRefusal(
                "the grant `\(id)` would have more than \(limits.handles) handles; ask for another one")
        }
        live.remove(entry.number, handles: old)
        entry.grant.handles = old + added
        entry.grant.renewals += 1
        entry.grant.policyVersion = version
        // One that has not begun is not shortened.
        let expiry = now.advanced(byMilliseconds: entry.grant.lifetime)
        if expiry.monotonic > entry.grant.expiresAt.monotonic { entry.grant.expiresAt = expiry }
        (entry.checkedAt, entry.until) = (version, until)
        set(entry)
        return entry.grant
    }

    private static func refusal(_ standing: GrantStanding) -> GrantRefusal {
        guard case .fails(let because) = standing else { preconditionFailure("what holds is not refused") }
        return GrantRefusal(because)
    }

    private mutating func set(_ entry: Tracked) {
        tracked[entry.grant.id] = entry
        live.insert(
            LiveGrant(entry.grant, number: entry.number, until: entry.until), handles: entry.grant.handles)
    }

    // MARK: Ending

    /// Ends a live grant.
    ///
    /// - Parameter wall: milliseconds since 1970.
    /// - Returns: the grant as it ended; `nil` if there is no live one with this id.
    package mutating func end(_ id: String, _ state: Grant.State, because: String, at wall: Int64) -> Grant? {
        guard let entry = tracked.removeValue(forKey: id) else { return nil }
        var grant = entry.grant
        live.remove(entry.number, handles: grant.handles)
        sourceCount -= grant.sources.count
        countOfUser[grant.userID, default: 0] -= 1
        if countOfUser[grant.userID] == 0 { countOfUser[grant.userID] = nil }
        grant.state = state
        grant.endedAt = wall
        grant.endedBecause = because
        remember(grant)
        return grant
    }

    /// Gives the job of a grant that has ended no other for the same tables: one that asks by itself would read on.
    ///
    /// - Parameter until: nanoseconds of the monotonic clock; ascending from call to call.
    package mutating func keepOut(_ grant: Grant, until: UInt64) {
        let application = grant.job.application
        let words = """
            an administrator has ended the grant `\(grant.id)` of the job `\(application)`, which gets no other for its \
            tables: \(grant.endedBecause ?? "no reason given")
            """
        for access in Self.accesses(of: grant) {
            if keptOut.updateValue((words, until), forKey: access) == nil { keptOutOrder.append(access) }
            guard keptOut.count > limits.keptOut, let first = keptOutOrder.popFirst() else { continue }
            keptOut[first] = nil
        }
    }

    private static func accesses(of grant: Grant) -> [Access] {
        grant.sources.map { Access(userID: grant.userID, application: grant.job.application, source: $0.id) }
    }

    private mutating func letIn(at now: Grant.Mark) {
        while let first = keptOutOrder.first, let until = keptOut[first]?.until, until <= now.monotonic {
            keptOut[first] = nil
            keptOutOrder.removeFirst()
        }
    }

    private mutating func remember(_ grant: Grant) {
        let words = "grant `\(grant.id)` of the job `\(grant.job.application)` has ended: \(grant.endedBecause ?? "")"
        let end = LiveGrants.Ended(user: grant.userID, sources: grant.sources.map(\.id), words: words)
        live.remember(end, handles: grant.handles)
        recent.append((end, grant.handles))
        guard recent.count > limits.ended, let (oldest, handles) = recent.popFirst() else { return }
        live.forget(oldest, handles: handles)
    }

    /// Ends the grants whose time is over.
    ///
    /// - Returns: those that ended.
    package mutating func expire(at now: Grant.Mark) -> [Grant] {
        letIn(at: now)
        return tracked.values.lazy.filter { $0.grant.expiresAt.monotonic <= now.monotonic }
            .sorted { $0.number < $1.number }
            .compactMap { end($0.grant.id, .expired, because: "it was not renewed in time", at: now.wall) }
    }

    /// Looks at all live grants by the policies of a version, or at those for which the policies may say something else
    /// by now.
    ///
    /// - Parameter body: what the policies say of a grant. It gets the version that the grant was looked at last; what
    ///   has not changed since need not be looked at, and has until the instant that it gets as well.
    /// - Returns: those that ended.
    package mutating func check(
        at version: UInt64, now: Grant.Mark, _ body: (Grant, _ checkedAt: UInt64, _ until: UInt64) -> GrantStanding
    ) -> [Grant] {
        var ended: [Grant] = []
        let meant = tracked.values.lazy.filter { $0.checkedAt != version || $0.until <= now.monotonic }
        for var entry in meant.sorted(by: { $0.number < $1.number }) {
            switch body(entry.grant, entry.checkedAt, entry.until) {
            case .holds(let until):
                entry.checkedAt = version
                guard until != entry.until else {
                    tracked[entry.grant.id] = entry
                    continue
                }
                entry.until = until
                live.remove(entry.number, handles: entry.grant.handles)
                set(entry)
            case .fails(let because):
                if let grant = end(entry.grant.id, .revoked, because: because, at: now.wall) { ended.append(grant) }
            }
        }
        return ended
    }
}
