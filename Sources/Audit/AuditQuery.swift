import Decision
import Foundation
import GRDB

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
    /// Milliseconds since 1970; records at or after it.
    package var since: UInt64?
    /// Milliseconds since 1970; records before it.
    package var until: UInt64?
    /// Records after this one.
    package var after: UInt64?
    /// Most records given, the newest of those that fit; oldest first.
    package var limit: Int

    package init(limit: Int = 1_000) {
        self.limit = limit
    }

    /// In no record, not even in one without a decision.
    private static let noSuchCode = -1

    /// The statement and its arguments.
    var statement: (sql: String, arguments: StatementArguments) {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        func require(_ condition: String, _ values: any DatabaseValueConvertible...) {
            conditions.append(condition)
            arguments += values
        }
        if let user { require("user = ?", user) }
        if let principal { require("(principal = ? OR short_name = ?)", principal, principal) }
        if let path {
            let below = path == "/" ? path : path + "/"
            require("(path = ? OR substr(path, 1, ?) = ?)", path, below.unicodeScalars.count, below)
        }
        if let dataSource { require("data_source = ?", dataSource) }
        if let decision { require("decision = ?", Verdict(word: decision).map { Int($0.rawValue) } ?? Self.noSuchCode) }
        if let reason { require("reason = ?", Reason(word: reason).map { Int($0.rawValue) } ?? Self.noSuchCode) }
        if let since { require("time >= ?", Int64(clamping: since)) }
        if let until { require("time < ?", Int64(clamping: until)) }
        if let after { require("sequence > ?", Int64(clamping: after)) }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let newest = "SELECT * FROM record\(filter) ORDER BY sequence DESC LIMIT \(max(0, limit))"
        return ("SELECT * FROM (\(newest)) ORDER BY sequence", StatementArguments(arguments))
    }
}
