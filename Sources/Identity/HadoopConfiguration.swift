import Foundation
import Wording

/// The properties of one Hadoop configuration file, `core-site.xml`, as far as identity depends on them.
///
/// The default realm is none of them: Hadoop takes it from `krb5.conf`, see
/// ``KerberosConfiguration/defaultRealm(krb5Conf:)``.
package struct HadoopConfiguration: Sendable {
    /// The largest file that is read, in bytes: 16 MiB.
    package static let maximumSize = 16 * 1_024 * 1_024

    private static let authToLocalProperty = "hadoop.security.auth_to_local"
    private static let mechanismProperty = "hadoop.security.auth_to_local.mechanism"
    private static let authenticationProperty = "hadoop.security.authentication"

    /// How often a variable may be replaced in one value, as in Hadoop (`Configuration.MAX_SUBST`).
    private static let maximumSubstitutions = 20

    private let file: String
    private let properties: [String: HadoopConfigurationReader.Property]

    /// Reads a file.
    ///
    /// - Parameter file: The path of the file.
    /// - Throws: ``HadoopConfigurationError`` if it cannot be read, is too large, or for what
    ///   ``init(xml:file:)`` refuses.
    package init(contentsOf file: String) throws(HadoopConfigurationError) {
        let xml: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            xml = try handle.read(upToCount: Self.maximumSize + 1) ?? Data()
        } catch {
            throw HadoopConfigurationError(file: file, reason: "cannot be read: \(Self.cause(of: error))")
        }
        try self.init(xml: xml, file: file)
    }

    /// Reads the bytes of a file.
    ///
    /// - Parameters:
    ///   - xml: The bytes, UTF-8.
    ///   - file: The name of the file, for errors.
    /// - Throws: ``HadoopConfigurationError`` for what is not UTF-8, not well-formed, not a configuration, includes
    ///   another file or declares a document type.
    package init(xml: Data, file: String) throws(HadoopConfigurationError) {
        guard xml.count <= Self.maximumSize else {
            throw HadoopConfigurationError(file: file, reason: "larger than \(Self.maximumSize) bytes")
        }
        self.file = file
        properties = try HadoopConfigurationReader.properties(in: xml, of: file)
    }

    /// The value of a property, its variables expanded, white space kept: `Configuration.get`.
    ///
    /// `${name}` stands for another property of the same file. Hadoop would also look for a Java system property, an
    /// environment variable and its own defaults, none of which can be seen from here.
    ///
    /// - Returns: `nil` if the file does not set the property.
    /// - Throws: ``HadoopConfigurationError`` for a variable that the file does not set, and for one that stands for
    ///   itself or nests too deep.
    package func value(of name: String) throws(HadoopConfigurationError) -> String? {
        guard let property = properties[name] else { return nil }
        let variable = /\$\{([^}$ ]+)\}/.matchingSemantics(.unicodeScalar)
        var value = property.value
        for _ in 0...Self.maximumSubstitutions {
            guard let match = value.firstMatch(of: variable) else { return value }
            guard let replacement = properties[String(match.1)] else {
                throw fault(in: name, "`${\(match.1)}` is not set in this file: write its value out")
            }
            value.replaceSubrange(match.range, with: replacement.value)
        }
        throw fault(in: name, "more than \(Self.maximumSubstitutions) variables, or one that stands for itself")
    }

    /// Hadoop's rules by this file: `hadoop.security.auth_to_local` and its `.mechanism`, or Hadoop's defaults for them,
    /// which depend on `hadoop.security.authentication` (`HadoopKerberosName.setConfiguration`).
    ///
    /// - Parameter defaultRealm: The realm that the rule `DEFAULT` applies to.
    /// - Throws: ``HadoopConfigurationError`` with all that is wrong with the rules, or what is wrong with another of
    ///   these properties.
    package func authToLocal(defaultRealm: String?) throws(HadoopConfigurationError) -> AuthToLocal {
        let rules = try rules()
        let mechanism = try mechanism()
        do throws(AuthToLocalSyntaxError) {
            return try AuthToLocal(rules: rules, mechanism: mechanism, defaultRealm: defaultRealm)
        } catch {
            throw HadoopConfigurationError(file: file, faults: error.faults.map(fault))
        }
    }

    /// The system's own words where there are any: Foundation's are about "the file" and "the operation".
    private static func cause(of error: any Error) -> String {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let cause, cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(Int32(cause.code)))
    }

    private func rules() throws(HadoopConfigurationError) -> String {
        guard let rules = try value(of: Self.authToLocalProperty) else { return try defaultRules() }
        return rules
    }

    private func mechanism() throws(HadoopConfigurationError) -> AuthToLocal.Mechanism {
        guard let name = try value(of: Self.mechanismProperty) else { return .hadoop }
        guard let mechanism = AuthToLocal.Mechanism(named: name) else {
            throw fault(in: Self.mechanismProperty, "\(quoted(name)) is neither `hadoop` nor `mit`")
        }
        return mechanism
    }

    private func defaultRules() throws(HadoopConfigurationError) -> String {
        let method = try value(of: Self.authenticationProperty) ?? "simple"
        switch method.lowercased() {
        case "kerberos", "kerberos_ssl":
            return AuthToLocal.defaultRules
        case "simple", "token", "certificate", "proxy":
            return AuthToLocal.defaultRulesWithoutKerberos
        default:
            throw fault(in: Self.authenticationProperty, "\(quoted(method)) is neither `simple` nor `kerberos`")
        }
    }

    private func fault(in property: String, _ reason: String) -> HadoopConfigurationError {
        HadoopConfigurationError(file: file, line: properties[property]?.line, reason: "\(property): \(reason)")
    }

    private func fault(_ fault: RuleFault) -> HadoopConfigurationError.Fault {
        let firstLine = properties[Self.authToLocalProperty]?.line ?? 1
        return HadoopConfigurationError.Fault(
            line: firstLine + fault.line - 1,
            reason: "\(Self.authToLocalProperty): rule \(quoted(fault.rule)): \(fault.reason)"
        )
    }
}
