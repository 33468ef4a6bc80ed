/// A Kerberos principal (RFC 4120, section 6.2) as libkrb5 reads it.
///
/// A principal without a realm stays without one: no default realm is added unless asked for with
/// ``inDefaultRealm(_:)``.
///
/// Two principals are equal if their bytes are, as for Kerberos. Swift's own comparison of strings would take two
/// spellings of one accented letter for the same.
package struct Principal: Sendable {
    /// The longest principal that is read, in bytes of UTF-8: 4,096.
    package static let maximumLength = 4_096

    /// The components, escapes undone; at least one. A component may be empty.
    package let components: [String]

    /// The realm, escapes undone and never empty; `nil` if the principal names none.
    package let realm: String?

    /// The principal as libkrb5 writes it: special characters escaped, the realm only if there is one.
    package let description: String

    /// Reads a principal in libkrb5's notation: `/` between components, `@` before the realm, backslash to escape.
    ///
    /// - Throws: ``PrincipalError``, saying what is wrong with the text.
    package init(parsing text: String) throws(PrincipalError) {
        try Self.checkLength(of: text)
        guard !text.utf8.contains(0) else { throw .containsNUL }
        let (components, realm) = try KerberosLibrary.shared.get().parse(text)
        guard realm != "" else { throw .emptyRealm(text) }
        try self.init(components: components, realm: realm)
    }

    /// Reads a principal in libkrb5's notation from bytes of UTF-8.
    ///
    /// - Throws: ``PrincipalError``, saying what is wrong with the bytes.
    package init(parsing bytes: some Collection<UInt8>) throws(PrincipalError) {
        try self.init(parsing: Self.text(of: bytes))
    }

    /// Puts a principal together from its parts, which are taken literally: nothing in them is an escape.
    ///
    /// - Throws: ``PrincipalError``: ``PrincipalError/empty`` without components or with a single empty one and no
    ///   realm.
    package init(components: [String], realm: String?) throws(PrincipalError) {
        guard !components.isEmpty, realm != nil || components != [""] else { throw .empty }
        guard !components.contains(where: { $0.utf8.contains(0) }), realm?.utf8.contains(0) != true else {
            throw .containsNUL
        }
        let description = try KerberosLibrary.shared.get().unparse(components: components, realm: realm)
        guard realm != "" else { throw .emptyRealm(description) }
        try Self.checkLength(of: description)
        self.components = components
        self.realm = realm
        self.description = description
    }

    /// This principal, in the given realm if it names none itself.
    ///
    /// - Throws: ``PrincipalError`` if the realm is empty, contains a NUL or makes the principal too long.
    package func inDefaultRealm(_ defaultRealm: String) throws(PrincipalError) -> Principal {
        guard realm == nil else { return self }
        return try Principal(components: components, realm: defaultRealm)
    }

    /// The text that bytes of UTF-8 stand for, if they are not too many for a principal.
    static func text(of bytes: some Collection<UInt8>) throws(PrincipalError) -> String {
        guard bytes.count <= maximumLength else { throw .tooLong(bytes: bytes.count) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    private static func checkLength(of text: String) throws(PrincipalError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= maximumLength else { throw .tooLong(bytes: text.utf8.count) }
    }
}

extension Principal: CustomStringConvertible {}

extension Principal: Hashable {
    package static func == (left: Principal, right: Principal) -> Bool {
        left.description.hasSameBytes(as: right.description)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in description.utf8 {
            hasher.combine(byte)
        }
    }
}

extension String {
    /// Whether both are the same bytes of UTF-8, which `==` does not tell: to it, two spellings of `é` are equal.
    func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
