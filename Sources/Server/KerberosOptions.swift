/// How peers prove by Kerberos who they are. `docs/configuration.md` explains each field.
package struct KerberosOptions: Sendable, Equatable {
    package var keytab: String
    /// The service's own.
    package var servicePrincipal: String
    /// Where the tickets are kept that have been accepted.
    package var replayCache: String
    /// Whether uids prove nothing.
    package var requiresProof = true

    package init(keytab: String, servicePrincipal: String, replayCache: String) {
        self.keytab = keytab
        self.servicePrincipal = servicePrincipal
        self.replayCache = replayCache
    }
}
