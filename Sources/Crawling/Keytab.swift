import Foundation

/// The file that a credential logs in from. Only its path is kept; what it holds, nobody here reads.
enum Keytab {
    /// - Throws: ``CrawlFailure`` if it cannot be used, or others can read it.
    static func check(_ path: String) throws(CrawlFailure) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw CrawlFailure(.login, "the keytab `\(path)`: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CrawlFailure(.login, "the keytab `\(path)` is no file")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw CrawlFailure(
                .login,
                """
                the keytab `\(path)` can be used by others than its owner (mode 0\(mode)): whoever reads it is its \
                principal. Make it `chmod 0400`, owned by the user that the service runs as
                """)
        }
        guard access(path, R_OK) == 0 else {
            throw CrawlFailure(
                .login,
                "the keytab `\(path)` cannot be read by the service: make it owned by the user that the service runs as"
            )
        }
    }
}
