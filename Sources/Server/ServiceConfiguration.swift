import Crawling
import Decision
import Identity
import Logging

/// How an installation of the service is set up. `docs/configuration.md` explains each field.
package struct ServiceConfiguration: Sendable {
    package var socket = SocketListener.Options(path: "/run/authorizer/authorizer.sock")
    package var storePath = "/var/lib/authorizer/policy.sqlite"
    package var auditDirectory = "/var/lib/authorizer/audit"
    package var auditFailureMode = AuditFailureMode.deny
    /// Milliseconds between the commit of a record and the sync that covers it.
    package var auditSyncInterval = 10
    /// Bytes.
    package var auditSegmentSize = 64 << 20
    package var roles: RoleAssignments
    package var authToLocal: AuthToLocal
    package var principalCase = PrincipalCase.sensitive
    package var defaultRealm: String?
    package var settings = Settings()
    /// Seconds.
    package var cacheTimeToLive = 600
    package var cacheEntries = 1 << 18
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
