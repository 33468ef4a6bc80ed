import GRDB
import Policy

/// Reads what users have said or been given by commands.
struct UserStateReader {
    let database: Database

    func all() throws -> [UInt32: UserState] { try states(where: "TRUE", []) }

    func state(of id: Int64) throws -> UserState {
        try states(where: "user_id = ?", [id])[UInt32(id)] ?? UserState()
    }

    private func states(where filter: String, _ arguments: StatementArguments) throws -> [UInt32: UserState] {
        var states: [UInt32: UserState] = [:]
        func rows(_ columns: String, _ table: String) throws -> RowCursor {
            try Row.fetchCursor(
                try database.cachedStatement(sql: "SELECT user_id, \(columns) FROM \(table) WHERE \(filter)"),
                arguments: arguments)
        }
        let projects = try rows("project", "user_projects")
        while let row = try projects.next() { states[row[0], default: UserState()].project = row[1] }
        let acknowledgements = try rows("project, purpose", "acknowledgements")
        while let row = try acknowledgements.next() {
            states[row[0], default: UserState()].acknowledgements.insert(
                Acknowledgement(project: row[1], purpose: row[2]))
        }
        let approvals = try rows("data_source_id, until_ms", "approvals")
        while let row = try approvals.next() {
            let until: Int64? = row[2]
            states[row[0], default: UserState()].approvals[row[1]] = until.map { Instant(milliseconds: $0) } ?? .never
        }
        return states
    }
}

/// Changes what users have said or been given, in one transaction; every user that it changes is marked with the version.
package struct UserStateWriter {
    let database: Database
    let version: UInt64
    /// Milliseconds since 1970-01-01 UTC.
    let now: Int64

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    private func mark(_ user: Int64) throws {
        try execute("UPDATE users SET changed_at = ? WHERE id = ?", [Int64(version), user])
    }

    /// - Parameter project: `nil` for none.
    package func act(_ user: Int64, under project: String?) throws {
        if let project {
            try execute(
                """
                INSERT INTO user_projects (user_id, project) VALUES (?, ?)
                ON CONFLICT DO UPDATE SET project = excluded.project
                """, [user, project])
        } else {
            try execute("DELETE FROM user_projects WHERE user_id = ?", [user])
        }
        try mark(user)
    }

    package func acknowledge(_ user: Int64, _ acknowledgement: Acknowledgement, withdraw: Bool) throws {
        let (project, purpose) = (acknowledgement.project, acknowledgement.purpose)
        if withdraw {
            try execute(
                "DELETE FROM acknowledgements WHERE user_id = ? AND project = ? AND purpose = ?",
                [user, project, purpose])
        } else {
            try execute(
                """
                INSERT INTO acknowledgements (user_id, project, purpose, time_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET time_ms = excluded.time_ms
                """, [user, project, purpose, now])
        }
        try mark(user)
    }

    package func request(_ user: Int64, _ dataSource: Int64, because words: String?) throws {
        try execute(
            """
            INSERT INTO requests (user_id, data_source_id, because, time_ms) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET because = excluded.because, time_ms = excluded.time_ms
            """, [user, dataSource, words, now])
    }

    /// - Returns: whether there was a request.
    package func endRequest(_ user: Int64, _ dataSource: Int64) throws -> Bool {
        try execute("DELETE FROM requests WHERE user_id = ? AND data_source_id = ?", [user, dataSource])
        return database.changesCount > 0
    }

    /// - Parameter until: `nil` for no end.
    package func approve(_ user: Int64, _ dataSource: Int64, by approver: String, until: Instant?) throws {
        try execute(
            """
            INSERT INTO approvals (user_id, data_source_id, approver, since_ms, until_ms) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET approver = excluded.approver, since_ms = excluded.since_ms,
                until_ms = excluded.until_ms
            """, [user, dataSource, approver, now, until?.milliseconds])
        try mark(user)
    }

    /// - Returns: whether there was an approval.
    package func endApproval(_ user: Int64, _ dataSource: Int64) throws -> Bool {
        try execute("DELETE FROM approvals WHERE user_id = ? AND data_source_id = ?", [user, dataSource])
        let wasThere = database.changesCount > 0
        try mark(user)
        return wasThere
    }
}

/// A request for a subscription, or one that was approved.
package struct SubscriptionLine: Sendable, Codable, Equatable {
    package enum State: String, Sendable, Codable { case requested, approved, expired }

    package var user: String
    package var dataSource: String
    package var state: State
    /// Of the request.
    package var because: String?
    package var approver: String?
    /// RFC 3339, UTC.
    package var since: String
    /// RFC 3339, UTC; absent for no end and for requests.
    package var until: String?
}

extension PolicyStore {
    /// Requests and approvals, by data source and user.
    ///
    /// - Parameter now: milliseconds since 1970-01-01 UTC.
    /// - Throws: `StoreError`.
    package func subscriptions(now: Int64) throws -> [SubscriptionLine] {
        try read { try $0.subscriptions(now: now) }
    }
}

extension StoredPolicies {
    fileprivate func subscriptions(now: Int64) throws -> [SubscriptionLine] {
        let rows = try Row.fetchCursor(
            reader.database,
            sql: """
                SELECT u.name, d.name, s.because, s.approver, s.since, s.until FROM (
                    SELECT user_id, data_source_id, because, NULL AS approver, time_ms AS since, NULL AS until
                    FROM requests
                    UNION ALL
                    SELECT user_id, data_source_id, NULL, approver, since_ms, until_ms FROM approvals
                ) s JOIN users u ON u.id = s.user_id JOIN data_sources d ON d.id = s.data_source_id
                ORDER BY d.name, u.name, s.since
                """)
        return try Array(
            rows.map { row in
                let (approver, until): (String?, Int64?) = (row[3], row[5])
                let isOver = until.map { $0 <= now } ?? false
                return SubscriptionLine(
                    user: row[0], dataSource: row[1],
                    state: approver == nil ? .requested : isOver ? .expired : .approved,
                    because: row[2], approver: approver, since: "\(Instant(milliseconds: row[4]))",
                    until: until.map { "\(Instant(milliseconds: $0))" })
            })
    }
}
