/// What this host's Kerberos configuration, `krb5.conf`, says.
package enum KerberosConfiguration {
    /// The default realm: `default_realm` in the section `libdefaults`, read anew at each call.
    ///
    /// - Parameter krb5Conf: The path of the file. Without it libkrb5 chooses: the files that the environment names in
    ///   `KRB5_CONFIG`, or else the host's, which may be missing.
    /// - Returns: `nil` if no default realm is set.
    /// - Throws: ``PrincipalError/library(code:message:)`` if the file cannot be read or is malformed.
    package static func defaultRealm(krb5Conf: String? = nil) throws(PrincipalError) -> String? {
        try KerberosLibrary.defaultRealm(by: krb5Conf)
    }
}
