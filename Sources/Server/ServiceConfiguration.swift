import Audit
import Crawling
import Decision
import Identity
import Logging
import Shipping

/// How much of the audit is at work: less than all of it only where it is measured what it costs, by a program of the
/// benchmarks.
package enum AuditExtent: String, Sendable, CaseIterable {
    case whole
    /// Records are written, and neither indexed nor signed.
    case withoutIndex = "without-index"
    /// Answers leave no record, and are counted as unaudited.
    case withoutRecords = "without-records"
}

/// How an installation of the service is set up. `docs/configuration.md` explains each field.
package struct ServiceConfiguration: Sendable {
    package var socket = SocketListener.Options(path: "/run/authorizer/authorizer.sock")
    package var storePath = "/var/lib/authorizer/policy.sqlite"
    package var auditDirectory = "/var/lib/authorizer/audit"
    package var auditFailureMode = AuditFailureMode.deny
    /// Milliseconds between the commit of a record and the sync that covers it.
    package var auditSyncInterval = 10
    /// What an answer waits for.
    package var auditDurability = Durability.process
    /// Bytes.
    package var auditSegmentSize = 64 << 20
    /// Hours after which a segment is followed by another.
    package var auditSegmentHours = 24
    /// Nothing is removed unless it says so.
    package var auditRetention = Retention()
    /// Segments are compressed when their last record is older; `nil` for never.
    package var auditCompression: SegmentCompression? = SegmentCompression(hours: 24)
    /// The path of the key that checkpoints are signed with; `nil` for none.
    package var auditSigningKey: String?
    /// Components of a path that records show whole, the rest as hashes; `nil` for all of them.
    package var auditPathComponents: Int?
    /// Where audit records are sent.
    package var auditShipments: [Shipment] = []
    /// How much of the audit is at work. No configuration file says so, nor does any option of `authorizer`.
    package var auditExtent = AuditExtent.whole
    package var roles: RoleAssignments
    package var authToLocal: AuthToLocal
    package var principalCase = PrincipalCase.sensitive
    package var defaultRealm: String?
    package var settings = Settings()
    /// Seconds.
    package var cacheTimeToLive = 600
    package var cacheEntries = 1 << 18
    package var grants = GrantOptions(path: "/var/lib/authorizer/grants.sqlite")
    /// How peers prove by Kerberos who they are; `nil` for not at all.
    package var kerberos: KerberosOptions?
    package var crawls = Crawls.Options(directory: "/var/lib/authorizer/catalogue")
    package var logLevel = Logger.Level.info

    package init(roles: RoleAssignments, authToLocal: AuthToLocal) {
        self.roles = roles
        self.authToLocal = authToLocal
    }

    var identity: ClusterIdentity {
        ClusterIdentity(rules: authToLocal, principalCase: principalCase, defaultRealm: defaultRealm)
    }
}
