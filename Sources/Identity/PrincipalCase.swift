/// Whether principals that differ only in upper and lower case are one.
///
/// Kerberos says they are not (RFC 4120, section 6.1); Active Directory says they are.
package enum PrincipalCase: String, Sendable, CaseIterable {
    case sensitive
    case insensitive

    /// The key of a principal: two principals are one under this rule exactly if their keys are equal.
    ///
    /// A key is for comparing, not for showing. It is ASCII, whatever the principal, so that Swift, SQLite and Java
    /// agree on which keys are equal.
    package func key(of principal: Principal) -> String {
        key(ofText: principal.description)
    }

    /// The key of a short name, as ``key(of:)`` makes it of a principal.
    package func key(ofShortName shortName: String) -> String {
        // A backslash is doubled, as in a principal's canonical form, so that it cannot pass for the escape below.
        key(ofText: shortName.replacing("\\", with: "\\\\"))
    }

    private func key(ofText text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            return self == .sensitive ? text : text.lowercased()
        }
        return text.unicodeScalars.map { scalar in
            let scalar = self == .sensitive ? scalar : scalar.folded
            return scalar.isASCII ? String(scalar) : scalar.escaped(asASCII: true)
        }.joined()
    }
}

extension Unicode.Scalar {
    /// The lower-case letter, if the two are each other's case and nothing else's: `É` becomes `é`. The Kelvin sign
    /// stays, although its lower case is `k`: it must not pass for the letter.
    fileprivate var folded: Unicode.Scalar {
        let lowercase = properties.lowercaseMapping.unicodeScalars
        guard let only = lowercase.first, lowercase.count == 1 else { return self }
        return only.properties.uppercaseMapping.unicodeScalars.elementsEqual([self]) ? only : self
    }
}
