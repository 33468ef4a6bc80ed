/// What a decision says.
///
/// The raw values are those of the wire (`docs/wire.md`) and of the audit journal; they never change meaning.
package enum Verdict: UInt8, Sendable, CaseIterable {
    /// The read goes through although HDFS's own permissions would refuse it.
    case allow = 1
    case deny = 2
    /// HDFS's own permissions and ACLs decide, as if the authorizer were not installed.
    case native = 3

    /// The word used in the audit, the command line and JSON.
    package var word: String {
        switch self {
        case .allow: "allow"
        case .deny: "deny"
        case .native: "native"
        }
    }

    package init?(word: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

/// Why a decision says what it says: the machine-readable reason that every outcome carries.
///
/// The raw values are those of the wire (`docs/wire.md`) and of the audit journal; they never change meaning.
package enum Reason: UInt8, Sendable, CaseIterable {
    case notProtected = 1
    case badPath = 2
    case ignoredUser = 3
    case unmappedUser = 4
    case ambiguousPrincipal = 5
    case disabledUser = 6
    case dataOwner = 7
    case grant = 8
    case rawTableRead = 9
    case notSubscribed = 10
    case outsideProject = 11
    case purpose = 12
    case policy = 13
    case subscribed = 14
    case notInCatalogue = 15
    /// The plug-in had no answer in time; its failure mode decided.
    case unavailable = 16
    /// The read could not be recorded, and is therefore not allowed.
    case auditUnavailable = 17
    /// A rename or concat would take covered data out of its cover.
    case leavesCover = 18
    /// The principal is none that Kerberos could have issued.
    case badPrincipal = 19
    /// A superuser of HDFS, about whom it asks nobody.
    case superuser = 20
    /// Subscribed, to a file that no crawl has seen and that the data source's credential can read as it is now.
    case subscribedUncrawled = 21

    /// The word used in the audit, the command line and JSON.
    package var word: String {
        switch self {
        case .notProtected: "not-protected"
        case .badPath: "bad-path"
        case .ignoredUser: "ignored-user"
        case .unmappedUser: "unmapped-user"
        case .ambiguousPrincipal: "ambiguous-principal"
        case .disabledUser: "disabled-user"
        case .dataOwner: "data-owner"
        case .grant: "grant"
        case .rawTableRead: "raw-table-read"
        case .notSubscribed: "not-subscribed"
        case .outsideProject: "outside-project"
        case .purpose: "purpose"
        case .policy: "policy"
        case .subscribed: "subscribed"
        case .notInCatalogue: "not-in-catalogue"
        case .unavailable: "unavailable"
        case .auditUnavailable: "audit-unavailable"
        case .leavesCover: "leaves-cover"
        case .badPrincipal: "bad-principal"
        case .superuser: "superuser"
        case .subscribedUncrawled: "subscribed-uncrawled"
        }
    }

    package init?(word: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

/// What the asker is about to do.
///
/// The raw values are those of the wire (`docs/wire.md`) and of the audit journal; they never change meaning.
package enum Operation: UInt8, Sendable, CaseIterable {
    /// Read the data of a file.
    case read = 1
    /// Stat a path or pass through a directory, after HDFS's own permissions refused it.
    case traverse = 2
    /// Rename a path, or move its data by `concat`.
    case move = 3

    package var word: String {
        switch self {
        case .read: "read"
        case .traverse: "traverse"
        case .move: "move"
        }
    }
}
