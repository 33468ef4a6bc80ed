import Grants

/// What jobs and administrators ask of grants.
package enum GrantCommand: Sendable, Codable {
    /// Answered by a ``GrantLine``.
    case issue(GrantRequest)
    /// Answered by a ``GrantLine``.
    ///
    /// - Parameter handles: of tokens that the job has got since, 64 hexadecimal digits each.
    case renew(id: String, handles: [String]?)
    /// Answered by a ``GrantLine``.
    case release(id: String)
    /// Answered by ``GrantLine``s; of administrators by those of everybody, of others by their own.
    case list(GrantFilter)
    /// Answered by a ``GrantLine``.
    case show(id: String)
    /// Answered by ``GrantLine``s: those that ended by it.
    case revoke(GrantRevocation)

    /// The words of the command line.
    package var words: String {
        switch self {
        case .issue: "grant issue"
        case .renew: "grant renew"
        case .release: "grant release"
        case .list: "grant list"
        case .show: "grant show"
        case .revoke: "grant revoke"
        }
    }

    /// Whether every local user may give the command, for itself.
    package var isForEveryUser: Bool {
        if case .revoke = self { false } else { true }
    }
}

/// What a job wants to read.
package struct GrantRequest: Sendable, Codable {
    /// Longest text of a job, nameservice or principal, in bytes.
    package static let longestText = 256
    package static let mostDataSources = 1_024

    /// `nil` for the one that the asker's uid maps to.
    package var principal: String?
    package var nameservice: String
    /// Of the job's delegation tokens, 64 hexadecimal digits each.
    package var handles: [String]
    package var job: Grant.Job
    /// Their names.
    package var dataSources: [String]
    /// Milliseconds since 1970; `nil` for now.
    package var notBefore: Int64?

    package init(
        principal: String? = nil, nameservice: String, handles: [String], job: Grant.Job, dataSources: [String],
        notBefore: Int64? = nil
    ) {
        self.principal = principal
        self.nameservice = nameservice
        self.handles = handles
        self.job = job
        self.dataSources = dataSources
        self.notBefore = notBefore
    }
}

/// Which grants are meant: everything that is set has to fit.
package struct GrantFilter: Sendable, Codable, Equatable {
    package var user: String?
    /// The application.
    package var job: String?
    package var dataSource: String?
    /// Not those that have ended; they are kept for a day.
    package var live: Bool

    package init(user: String? = nil, job: String? = nil, dataSource: String? = nil, live: Bool = true) {
        self.user = user
        self.job = job
        self.dataSource = dataSource
        self.live = live
    }

    package func fits(_ grant: Grant) -> Bool {
        (user == nil || user == grant.user) && (job == nil || job == grant.job.application)
            && (dataSource == nil || grant.sources.contains { $0.name == dataSource })
            && (!live || grant.state == .live)
    }

    /// The options of the command line that ask for the same.
    package var words: [String] {
        [("user", user), ("job", job), ("data-source", dataSource)]
            .compactMap { name, value in value.map { "--\(name) \($0)" } }
    }
}

/// Which live grants are to end.
package struct GrantRevocation: Sendable, Codable {
    /// The only one; `nil` for all that fit the filter.
    package var id: String?
    package var filter: GrantFilter
    /// For the audit and for those who are denied.
    package var because: String?
    /// Whether the jobs may ask for others; `nil` for no.
    package var mayAskAgain: Bool?

    package init(id: String?, filter: GrantFilter, because: String?, mayAskAgain: Bool = false) {
        self.id = id
        self.filter = filter
        self.because = because
        self.mayAskAgain = mayAskAgain
    }
}

/// A grant as commands show it.
package struct GrantLine: Sendable, Codable, Equatable {
    /// Hexadecimal digits of a handle that are shown.
    private static let shownDigits = 16

    package var id: String
    package var user: String
    package var principal: String
    package var nameservice: String
    package var job: Grant.Job
    /// The beginning of each.
    package var handles: [String]
    package var dataSources: [Grant.Source]
    /// Milliseconds since 1970, as the next two: for people.
    package var issuedAt: Int64
    package var notBefore: Int64
    package var expiresAt: Int64
    /// By the monotonic clock, for programs: from when it was answered; 0 for one that is over.
    package var expiresInMilliseconds: Int64
    package var lifetimeSeconds: Int64
    package var renewals: Int
    package var renewalsLeft: Int
    package var policyVersion: UInt64
    package var state: Grant.State
    /// Milliseconds since 1970.
    package var endedAt: Int64?
    package var endedBecause: String?

    /// - Parameter now: nanoseconds of the monotonic clock.
    package init(_ grant: Grant, now: UInt64) {
        id = grant.id
        user = grant.user
        principal = grant.principal
        nameservice = grant.nameservice
        job = grant.job
        handles = grant.handles.map { String($0.hex.prefix(Self.shownDigits)) }
        dataSources = grant.sources
        issuedAt = grant.issuedAt
        notBefore = grant.notBefore.wall
        expiresAt = grant.expiresAt.wall
        let isOver = grant.state != .live || grant.expiresAt.monotonic <= now
        expiresInMilliseconds = isOver ? 0 : Int64((grant.expiresAt.monotonic - now) / 1_000_000)
        lifetimeSeconds = grant.lifetime / 1_000
        renewals = grant.renewals
        renewalsLeft = max(0, grant.mostRenewals - grant.renewals)
        policyVersion = grant.policyVersion
        state = grant.state
        endedAt = grant.endedAt
        endedBecause = grant.endedBecause
    }
}
