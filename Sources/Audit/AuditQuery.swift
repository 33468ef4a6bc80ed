import Foundation

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
