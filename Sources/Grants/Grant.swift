/// A short-lived permission for one Spark job of one user to read the files of named tables.
package struct Grant: Sendable, Equatable {
    /// As the job says; only what follows from it is narrower, never wider.
    package struct Job: Sendable, Equatable, Codable {
        package var application: String
        package var attempt: String?
        package var query: String?

        package init(application: String, attempt: String? = nil, query: String? = nil) {
            self.application = application
            self.attempt = attempt
            self.query = query
        }
    }

    /// A table and the directories that it had when the grant was given.
    package struct Source: Sendable, Equatable, Codable {
        /// Of the policy store; never given to another data source.
        package var id: UInt32
        package var name: String
        package var directories: [String]

        package init(id: UInt32, name: String, directories: [String]) {
            self.id = id
            self.name = name
            self.directories = directories
        }
    }

    /// An instant by both clocks: nanoseconds of the monotonic one, milliseconds since 1970 of the wall clock.
    package struct Mark: Sendable, Equatable {
        package var monotonic: UInt64
        package var wall: Int64

        package init(monotonic: UInt64, wall: Int64) {
            self.monotonic = monotonic
            self.wall = wall
        }

        package func advanced(byMilliseconds span: Int64) -> Mark {
            Mark(monotonic: monotonic + UInt64(max(0, span)) * 1_000_000, wall: wall + max(0, span))
        }
    }

    package enum State: String, Sendable, Codable, CaseIterable {
        case live
        /// Given up by the job.
        case released
        case expired
        /// Ended by an administrator, or because the policies do not say what they said.
        case revoked
    }

    /// 32 hexadecimal digits, random.
    package var id: String
    /// Of the policy store; never given to another user.
    package var userID: UInt32
    package var user: String
    /// The principal that it was given for.
    package var principal: String
    package var nameservice: String
    package var job: Job
    /// None only where the cluster has no Kerberos and the configuration says so.
    package var handles: [GrantHandle]
    package var sources: [Source]
    /// The uid of the process that asked.
    package var askedBy: UInt32
    /// Milliseconds since 1970.
    package var issuedAt: Int64
    package var notBefore: Mark
    package var expiresAt: Mark
    /// Milliseconds from the issue, or a renewal, to the expiry.
    package var lifetime: Int64
    package var renewals = 0
    package var mostRenewals: Int
    /// That the policies allowed it at when it was given or renewed last.
    package var policyVersion: UInt64
    package var state = State.live
    /// Milliseconds since 1970.
    package var endedAt: Int64?
    package var endedBecause: String?
    /// Where an administrator ended it: until then, in milliseconds since 1970, the job gets no other for its tables.
    package var keptOutUntil: Int64?

    package init(
        id: String = Grant.newID(), userID: UInt32, user: String, principal: String, nameservice: String, job: Job,
        handles: [GrantHandle], sources: [Source], askedBy: UInt32, now: Mark, delay: Int64 = 0, lifetime: Int64,
        mostRenewals: Int, policyVersion: UInt64
    ) {
        self.id = id
        self.userID = userID
        self.user = user
        self.principal = principal
        self.nameservice = nameservice
        self.job = job
        self.handles = handles
        self.sources = sources
        self.askedBy = askedBy
        issuedAt = now.wall
        notBefore = now.advanced(byMilliseconds: delay)
        expiresAt = notBefore.advanced(byMilliseconds: lifetime)
        self.lifetime = lifetime
        self.mostRenewals = mostRenewals
        self.policyVersion = policyVersion
    }

    package static func newID() -> String {
        // The system's generator is a cryptographic one.
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(UInt32.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}
