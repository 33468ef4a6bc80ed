import Foundation

/// The file that the store is in, before SQLite sees it.
enum StoreFile {
    /// Makes sure that there is a file: one that is made is readable and writable by its owner only, and SQLite gives
    /// the files that it puts beside it the same mode.
    ///
    /// - Throws: `StoreError` when the path is a directory, or there is no file and none can be made.
    static func prepare(_ path: String) throws(StoreError) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw StoreError(.notAStore, path: path, "\(kind(of: status)); name a file in it or another path")
            }
            return
        }
        guard errno == ENOENT else { throw StoreError(errno: errno, path: path) }
        try create(path)
    }

    private static func create(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            throw StoreError(errno: errno, path: path)
        }
    }

    private static func kind(of status: stat) -> String {
        status.st_mode & S_IFMT == S_IFDIR ? "it is a directory" : "it is no regular file"
    }
}
