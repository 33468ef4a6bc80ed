import Wording

/// What a name from the NameNode stands for.
package struct ResolvedPrincipal: Sendable, Hashable {
    /// The principal, with a realm only if the NameNode gave one.
    package let principal: Principal

    /// What Hadoop's rules make of it.
    package let shortName: String

    /// The principal as libkrb5 writes it.
    package var canonical: String { principal.description }

    /// Whether the NameNode gave a realm: not so for a system user name, as WebHDFS without Kerberos and proxies send.
    package var hasRealm: Bool { principal.realm != nil }

    package static func == (left: ResolvedPrincipal, right: ResolvedPrincipal) -> Bool {
        left.principal == right.principal && left.shortName.hasSameBytes(as: right.shortName)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(principal)
    }
}

/// Why a name from the NameNode stands for nobody.
package enum PrincipalResolverError: Error, Equatable {
    /// The name is no principal.
    case principal(PrincipalError)
    /// The rules make no short name of it.
    case shortName(ShortNameError)
    /// There is a backslash in a name that has a realm or two components. Hadoop does not escape the names that it
    /// hands on, so it cannot be told whether the backslash is part of the name or escapes what follows it.
    case ambiguousBackslash(String)
}

extension PrincipalResolverError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .principal(let error):
            "\(error)"
        case .shortName(let error):
            "\(error)"
        case .ambiguousBackslash(let name):
            "principal \(quoted(name)) contains a backslash, which Kerberos would read as an escape and Hadoop would not"
        }
    }
}

/// Makes of a name that the NameNode sends the principal and the short name that decisions are about.
package struct PrincipalResolver: Sendable {
    private let rules: AuthToLocal

    /// - Parameter rules: The rules of the cluster that the names come from.
    package init(rules: AuthToLocal) {
        self.rules = rules
    }

    /// Resolves a name.
    ///
    /// A bare system user name (one component, no realm) is taken literally, backslashes included, and is its own short
    /// name.
    ///
    /// - Parameter name: UTF-8, as `UserGroupInformation.getUserName` has it.
    /// - Throws: ``PrincipalResolverError``. Nothing may be decided for such a name but to deny it.
    package func resolve(_ name: some Collection<UInt8>) throws(PrincipalResolverError) -> ResolvedPrincipal {
        let principal = try principal(named: name)
        do throws(ShortNameError) {
            return ResolvedPrincipal(principal: principal, shortName: try rules.shortName(of: principal))
        } catch {
            throw .shortName(error)
        }
    }

    private func principal(named name: some Collection<UInt8>) throws(PrincipalResolverError) -> Principal {
        do throws(PrincipalError) {
            let text = try Principal.text(of: name)
            guard text.utf8.contains(UInt8(ascii: "\\")) else { return try Principal(parsing: text) }
            if HadoopName.isSimple(text) {
                return try Principal(components: [text], realm: nil)
            }
        } catch {
            throw .principal(error)
        }
        throw .ambiguousBackslash(String(decoding: name, as: UTF8.self))
    }
}
