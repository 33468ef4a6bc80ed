/// Who asks, in the forms in which rules compare principals. Made once per principal by the Identity target.
///
/// A class, because every question hands it on: nothing of it is copied then.
package final class Caller: Sendable {
    /// The principal as Kerberos writes it, with its realm if it came with one.
    package let principal: String
    /// The form in which principals are compared: the case rule applied. `nil` for a principal without a realm
    /// (a proxy user, a WebHDFS user, a cluster without Kerberos), which is compared by its short name alone.
    package let key: String?
    /// What Hadoop's `auth_to_local` rules make of the principal.
    package let shortName: String
    /// The form in which short names are compared: the case rule applied.
    package let shortNameKey: String

    package init(principal: String, key: String?, shortName: String, shortNameKey: String) {
        self.principal = principal
        self.key = key
        self.shortName = shortName
        self.shortNameKey = shortNameKey
    }
}

/// What the cluster's identity rules make of names that administrators wrote into policies.
package protocol IdentityRules: Sendable {
    /// - Throws: an error in words if the text is no principal, or one that the rules make no short name of.
    func configuredPrincipal(_ text: String) throws -> ConfiguredPrincipal
    /// The form in which a short name is compared.
    func shortNameKey(_ shortName: String) -> String
}

/// The identity behind a principal that an administrator wrote into a policy.
package struct ConfiguredPrincipal: Sendable, Hashable {
    /// As in ``Caller/key``, in the default realm if it was written without one.
    package var key: String
    /// As in ``Caller/shortNameKey``.
    package var shortNameKey: String

    package init(key: String, shortNameKey: String) {
        self.key = key
        self.shortNameKey = shortNameKey
    }

    /// Whether a caller is this principal: by principal where the caller has a realm, by short name where it has none.
    package func matches(_ caller: Caller) -> Bool {
        guard let callerKey = caller.key else { return caller.shortNameKey == shortNameKey }
        return callerKey == key
    }
}
