import Foundation

/// Why a keytab is not used.
package struct KeytabError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The file that holds the keys of a principal. Only its path is kept here, and nobody here reads what it holds.
package enum Keytab {
    /// - Throws: ``KeytabError`` if it cannot be used, or others can read it.
    package static func check(_ path: String) throws(KeytabError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw KeytabError("the keytab `\(path)`: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KeytabError("the keytab `\(path)` is no file") }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw KeytabError(
                """
                the keytab `\(path)` can be used by others than its owner (mode 0\(mode)): whoever reads it is its \
                principal. Make it `chmod 0400`, owned by the user that the service runs as
                """)
        }
        guard access(path, R_OK) == 0 else {
            throw KeytabError(
                "the keytab `\(path)` cannot be read by the service: make it owned by the user that the service runs as"
            )
        }
    }
}
