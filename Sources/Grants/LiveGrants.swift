import HashTreeCollections

/// Where in the bytes of a question the proof lies that a job asks: the handles of its tokens, one after another, and
/// its caller context. Nothing is copied.
package struct GrantClaim: Sendable, Equatable {
    /// A multiple of ``GrantHandle/byteCount`` bytes.
    package var handles: Range<Int>
    package var callerContext: Range<Int>

    package init(handles: Range<Int>, callerContext: Range<Int>) {
        self.handles = handles
        self.callerContext = callerContext
    }

    package static let none = GrantClaim(handles: 0..<0, callerContext: 0..<0)

    package var isEmpty: Bool { handles.isEmpty && callerContext.isEmpty }
}

/// A grant as decisions need it. Immutable: what changes is another one.
package final class LiveGrant: Sendable {
    /// Of this process; never given to another grant.
    package let number: UInt32
    /// As audit records hold it.
    package let id: [UInt8]
    /// The application, as audit records hold it.
    package let job: [UInt8]
    let user: UInt32
    let sources: [(id: UInt32, directories: [[UInt8]])]
    let notBefore: UInt64
    let until: UInt64

    /// - Parameter until: nanoseconds of the monotonic clock, at which the grant counts no more unless it is looked at
    ///   again.
    init(_ grant: Grant, number: UInt32, until: UInt64) {
        self.number = number
        id = Array(grant.id.utf8)
        job = Array(grant.job.application.utf8)
        user = grant.userID
        sources = grant.sources.map { ($0.id, $0.directories.map { Array($0.utf8) }) }
        notBefore = grant.notBefore.monotonic
        self.until = min(until, grant.expiresAt.monotonic)
    }

    /// Whether the path lies in one of the directories that the grant has for the data source.
    func covers(_ path: borrowing Span<UInt8>, of dataSource: UInt32) -> Bool {
        for source in sources where source.id == dataSource {
            for directory in source.directories where Self.isInside(path, directory) { return true }
        }
        return false
    }

    /// By whole components.
    private static func isInside(_ path: borrowing Span<UInt8>, _ directory: [UInt8]) -> Bool {
        if directory.count == 1 { return true }
        guard path.count >= directory.count else { return false }
        for index in directory.indices where path[index] != directory[index] { return false }
        return path.count == directory.count || path[directory.count] == UInt8(ascii: "/")
    }
}

/// The grants that count, in the form that decisions need. A value: a copy shares everything.
package struct LiveGrants: Sendable {
    /// A grant that ended lately, for those who ask why they are denied.
    package final class Ended: Sendable {
        let user: UInt32
        let sources: [UInt32]
        /// What became of it, as the end of a sentence.
        package let words: String

        init(user: UInt32, sources: [UInt32], words: String) {
            self.user = user
            self.sources = sources
            self.words = words
        }
    }

    private struct Tables: Sendable {
        var byHandle = TreeDictionary<GrantHandle, [LiveGrant]>()
        /// Those without a handle, by user.
        var unbound = TreeDictionary<UInt32, [LiveGrant]>()
        var byNumber = TreeDictionary<UInt32, LiveGrant>()
        var ended = TreeDictionary<GrantHandle, Ended>()
    }

    /// Behind one reference: these are handed on with every question, and changed seldom.
    private final class Shared: Sendable {
        let tables: Tables

        init(_ tables: Tables) {
            self.tables = tables
        }
    }

    private var shared = Shared(Tables())

    private var tables: Tables { shared.tables }

    package init() {}

    package var count: Int { tables.byNumber.count }

    package subscript(number: UInt32) -> LiveGrant? { tables.byNumber[number] }

    /// Whether a question with this claim may fit a grant: a test that costs nothing.
    package func mayFit(_ claim: GrantClaim) -> Bool {
        !(claim.handles.isEmpty || tables.byHandle.isEmpty) || !(claim.callerContext.isEmpty || tables.unbound.isEmpty)
    }

    /// The number of a grant that covers this user, this job and this path now; `nil` if there is none.
    ///
    /// - Parameters:
    ///   - evidence: the bytes in which the claim lies.
    ///   - path: canonical.
    ///   - now: nanoseconds of the monotonic clock.
    package func grant(
        for claim: GrantClaim, in evidence: borrowing Span<UInt8>, user: UInt32, dataSource: UInt32,
        path: borrowing Span<UInt8>, now: UInt64
    ) -> UInt32? {
        for place in stride(from: claim.handles.lowerBound, to: claim.handles.upperBound, by: GrantHandle.byteCount) {
            guard let grants = tables.byHandle[GrantHandle(evidence, at: place)] else { continue }
            for grant in grants where Self.fits(grant, user: user, now: now) {
                guard grant.covers(path, of: dataSource) else { continue }
                let context = SparkCallerContext(evidence.extracting(claim.callerContext), application: grant.job)
                if context != .another { return grant.number }
            }
        }
        guard !tables.unbound.isEmpty, let grants = tables.unbound[user] else { return nil }
        for grant in grants where Self.fits(grant, user: user, now: now) && grant.covers(path, of: dataSource) {
            let context = SparkCallerContext(evidence.extracting(claim.callerContext), application: grant.job)
            if context == .thisApplication { return grant.number }
        }
        return nil
    }

    private static func fits(_ grant: LiveGrant, user: UInt32, now: UInt64) -> Bool {
        grant.user == user && now >= grant.notBefore && now < grant.until
    }

    /// The grant of this user at this data source that ended last and was bound to one of these handles.
    package func ended(
        for claim: GrantClaim, in evidence: borrowing Span<UInt8>, user: UInt32, dataSource: UInt32
    ) -> Ended? {
        for place in stride(from: claim.handles.lowerBound, to: claim.handles.upperBound, by: GrantHandle.byteCount) {
            guard let found = tables.ended[GrantHandle(evidence, at: place)] else { continue }
            if found.user == user, found.sources.contains(dataSource) { return found }
        }
        return nil
    }

    // MARK: Changing

    private mutating func change(_ body: (inout Tables) -> Void) {
        var tables = shared.tables
        body(&tables)
        shared = Shared(tables)
    }

    mutating func insert(_ live: LiveGrant, handles: [GrantHandle]) {
        change { tables in
            tables.byNumber[live.number] = live
            for handle in handles { tables.byHandle[handle, default: []].append(live) }
            if handles.isEmpty { tables.unbound[live.user, default: []].append(live) }
        }
    }

    mutating func remove(_ number: UInt32, handles: [GrantHandle]) {
        guard let live = tables.byNumber[number] else { return }
        change { tables in
            tables.byNumber[number] = nil
            for handle in handles {
                tables.byHandle[handle]?.removeAll { $0 === live }
                if tables.byHandle[handle]?.isEmpty == true { tables.byHandle[handle] = nil }
            }
            guard handles.isEmpty else { return }
            tables.unbound[live.user]?.removeAll { $0 === live }
            if tables.unbound[live.user]?.isEmpty == true { tables.unbound[live.user] = nil }
        }
    }

    mutating func remember(_ end: Ended, handles: [GrantHandle]) {
        change { tables in
            for handle in handles { tables.ended[handle] = end }
        }
    }

    mutating func forget(_ end: Ended, handles: [GrantHandle]) {
        change { tables in
            for handle in handles where tables.ended[handle] === end { tables.ended[handle] = nil }
        }
    }
}
