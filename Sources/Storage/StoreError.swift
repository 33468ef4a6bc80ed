import Foundation
import GRDB

/// Why a store did not do what it was asked. What it held before, it still holds.
package struct StoreError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// There is no file where the store should be, and none can be made.
        case cannotOpen = "cannot-open"
        /// The file is something else.
        case notAStore = "not-a-store"
        /// A later release wrote the store.
        case newer
        /// The policies are not at the version that the caller expected.
        case versionConflict = "version-conflict"
        /// Another process is writing.
        case busy
        /// No room is left on the disk.
        case full
        /// The file must not be written to.
        case readOnly = "read-only"
        /// The disk failed.
        case inputOutput = "input-output"
        /// What the file holds makes no sense.
        case damaged
        case other
    }

    package var kind: Kind
    /// Which store it is, as messages say it.
    package var store = "policy store"
    /// The path of the store.
    package var path: String
    /// What went wrong and what to do about it.
    package var message: String

    init(_ kind: Kind, path: String, _ message: String) {
        self.kind = kind
        self.path = path
        self.message = message
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String { "\(store) `\(path)`: \(message)" }
}

extension StoreError {
    /// What SQLite's error means to an administrator.
    init(_ error: DatabaseError, path: String) {
        let (kind, message) = Self.meaning(of: error)
        self.init(kind, path: path, message)
    }

    private static func meaning(of error: DatabaseError) -> (Kind, String) {
        let detail = error.message ?? "\(error.extendedResultCode)"
        return switch error.resultCode {
        case .SQLITE_NOTADB: (.notAStore, "the file is not a database; name another file")
        case .SQLITE_CANTOPEN: (.cannotOpen, "the file cannot be opened; check its permissions and its directory's")
        case .SQLITE_PERM, .SQLITE_READONLY:
            (.readOnly, "the file cannot be written; check its permissions and its directory's")
        case .SQLITE_FULL: (.full, "no room is left; nothing was changed, free some space and try again")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            (.busy, "another process is writing; nothing was changed, try again in a moment")
        case .SQLITE_IOERR: (.inputOutput, "the disk failed: \(detail); nothing was changed, look at the system's log")
        case .SQLITE_CORRUPT: (.damaged, "the file is damaged: \(detail); restore it from a backup")
        default: (.other, "\(detail); nothing was changed")
        }
    }

    /// What a failed system call means.
    init(errno code: Int32, path: String) {
        switch code {
        case ENOENT: self.init(.cannotOpen, path: path, "its directory does not exist; create it")
        case ENOTDIR: self.init(.cannotOpen, path: path, "its path leads through a file; name another one")
        case ENOSPC, EDQUOT: self.init(.full, path: path, "no room is left; free some space and try again")
        case EACCES, EPERM: self.init(.cannotOpen, path: path, "access is denied; check the permissions")
        case EROFS: self.init(.readOnly, path: path, "its file system cannot be written; name another path")
        default: self.init(.cannotOpen, path: path, String(cString: strerror(code)).lowercased())
        }
    }
}
