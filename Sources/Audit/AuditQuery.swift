import Decision
import Foundation
import Glibc

/// What `audit query` and `audit follow` ask for. Everything that is set has to fit.
package struct AuditQuery: Sendable, Equatable, Codable {
    package var user: String?
    package var principal: String?
    /// A path, for itself and everything below it.
    package var path: String?
    package var dataSource: String?
    /// `allow`, `deny` or `native`.
    package var decision: String?
    /// The word of a ``Reason``.
    package var reason: String?
    package var grant: String?
    package var job: String?
    /// Milliseconds since 1970; records at or after it.
    package var since: UInt64?
    /// Milliseconds since 1970; records before it.
    package var until: UInt64?
    /// Records after this one.
    package var after: UInt64?
    /// Most records given.
    package var limit: Int
    /// Which are given when more fit: the oldest instead of the newest. They come oldest first either way.
    package var takesOldest = false

    package init(limit: Int = 1_000) {
        self.limit = limit
    }

    /// The options of the command line that ask for the same.
    package var words: [String] {
        let times = [("since", since), ("until", until)].map { ($0, $1.map(Self.time)) }
        let values = [
            ("user", user), ("principal", principal), ("path", path), ("data-source", dataSource),
            ("decision", decision), ("reason", reason), ("grant", grant), ("job", job),
        ]
        return (values + times).compactMap { name, value in value.map { "--\(name) \($0)" } }
    }

    private static func time(_ milliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}

/// A query made ready to be compared with records where they lie.
struct AuditMatch {
    private var texts: [(field: AuditField, value: [UInt8])] = []
    private var principal: [UInt8]?
    /// The path, and the same with a slash.
    private var path: [UInt8]?
    private var below: [UInt8] = []
    private let verdict: Verdict?
    private let reason: Reason?
    let since: UInt64
    let until: UInt64?
    let after: UInt64
    /// What all records that fit have.
    private(set) var keys: [IndexKey] = []
    /// It names something that is in no record.
    private(set) var isHopeless = false

    init(_ query: AuditQuery, keys: IndexKeys) {
        verdict = query.decision.flatMap { Verdict(word: $0) }
        reason = query.reason.flatMap { Reason(word: $0) }
        since = query.since ?? 0
        until = query.until
        after = query.after ?? 0
        isHopeless = (query.decision != nil && verdict == nil) || (query.reason != nil && reason == nil)
        func require(_ value: String?, _ field: AuditField, _ key: (String) -> IndexKey) {
            guard let value else { return }
            texts.append((field, Array(value.utf8)))
            if value.isEmpty { isHopeless = true }
            self.keys.append(key(value))
        }
        require(query.user, .user, keys.user)
        require(query.dataSource, .dataSource, keys.dataSource)
        require(query.grant, .grant, keys.grant)
        require(query.job, .job, keys.job)
        if let name = query.principal {
            principal = Array(name.utf8)
            isHopeless = isHopeless || name.isEmpty
            self.keys.append(keys.principal(name))
        }
        if let path = query.path {
            self.path = Array(path.utf8)
            below = Array((path == "/" ? path : path + "/").utf8)
            if let key = keys.path(path) { self.keys.append(key) }
        }
        if let verdict { self.keys.append(keys.decision(verdict.rawValue)) }
        if let reason { self.keys.append(keys.reason(reason.rawValue)) }
    }

    func fits(_ view: RecordView, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard view.sequence > after, view.time >= since else { return false }
        if let until, view.time >= until { return false }
        if let verdict, view.head.verdict != verdict { return false }
        if let reason, view.head.reason != reason { return false }
        for text in texts where !Self.equal(bytes, view.range(text.field), text.value) { return false }
        if let principal {
            guard
                Self.equal(bytes, view.range(.principal), principal)
                    || Self.equal(bytes, view.range(.shortName), principal)
            else { return false }
        }
        if let path {
            let range = view.range(.path)
            let start = range.prefix(below.count)
            guard Self.equal(bytes, range, path) || Self.equal(bytes, start, below) else { return false }
        }
        return true
    }

    private static func equal(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ value: [UInt8]) -> Bool {
        guard range.count == value.count, let base = bytes.baseAddress else { return false }
        return value.withUnsafeBytes { memcmp(base + range.lowerBound, $0.baseAddress!, $0.count) == 0 }
    }
}
