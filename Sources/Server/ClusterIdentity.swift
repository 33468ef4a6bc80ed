import Decision
import Identity

/// The identity rules of one cluster, in the forms in which decisions compare names.
package struct ClusterIdentity: IdentityRules {
    private let resolver: PrincipalResolver
    private let principalCase: PrincipalCase
    private let defaultRealm: String?

    /// - Parameter defaultRealm: the realm of principals that administrators write without one.
    package init(rules: AuthToLocal, principalCase: PrincipalCase, defaultRealm: String?) {
        resolver = PrincipalResolver(rules: rules)
        self.principalCase = principalCase
        self.defaultRealm = defaultRealm
    }

    /// The caller behind a principal as the NameNode sends it.
    ///
    /// - Throws: `PrincipalResolverError` for one that can stand for nobody.
    package func caller(_ principal: some Collection<UInt8>) throws -> Caller {
        let resolved = try resolver.resolve(principal)
        return Caller(
            principal: resolved.canonical, key: resolved.hasRealm ? principalCase.key(of: resolved.principal) : nil,
            shortName: resolved.shortName, shortNameKey: shortNameKey(resolved.shortName))
    }

    package func configuredPrincipal(_ text: String) throws -> ConfiguredPrincipal {
        var principal = try Principal(parsing: text)
        if principal.realm == nil, let defaultRealm { principal = try principal.inDefaultRealm(defaultRealm) }
        let resolved = try resolver.resolve(principal.description.utf8)
        return ConfiguredPrincipal(
            key: principalCase.key(of: principal), shortNameKey: shortNameKey(resolved.shortName))
    }

    package func shortNameKey(_ shortName: String) -> String {
        principalCase.key(ofShortName: shortName)
    }
}
