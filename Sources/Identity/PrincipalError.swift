import Wording

/// Why a text is not a Kerberos principal.
package enum PrincipalError: Error, Equatable {
    /// The text has no bytes.
    case empty
    /// The text, or the principal written out canonically, is longer than ``Principal/maximumLength``; its length in
    /// bytes.
    case tooLong(bytes: Int)
    /// The bytes are not UTF-8.
    case notUTF8
    /// There is a NUL, as a byte or as the escape `\0`.
    case containsNUL
    /// There is an `@` with nothing after it.
    case emptyRealm(String)
    /// libkrb5 refuses the text: a second `@`, a `/` in the realm, or a backslash at the end.
    case malformed(String)
    /// libkrb5 itself failed: its error code and its own words.
    case library(code: Int32, message: String)
}

extension PrincipalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty:
            "principal is empty"
        case .tooLong(let bytes):
            "principal is \(bytes) bytes long, the limit is \(Principal.maximumLength)"
        case .notUTF8:
            "principal is not UTF-8"
        case .containsNUL:
            "principal contains a NUL"
        case .emptyRealm(let text):
            "principal \(quoted(text)) has an empty realm after `@`"
        case .malformed(let text):
            "principal \(quoted(text)) is malformed: one unescaped `@` at most, no unescaped `/` after it, "
                + "no single backslash at the end"
        case .library(let code, let message):
            "libkrb5 failed with \(code): \(message)"
        }
    }
}
