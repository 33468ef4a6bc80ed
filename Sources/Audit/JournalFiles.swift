import Glibc

/// A system call that failed: its name, the file, and `errno`.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    package var call: String
    package var path: String
    package var code: Int32

    package init(call: String, path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    package var description: String {
        let advice =
            switch code {
            case ENOSPC: "; free space on that file system"
            case EROFS, EIO: "; look at the disk and the kernel's log"
            case EACCES, EPERM: "; the service's user needs to own it"
            case ETIMEDOUT: "; look at the disk and the kernel's log"
            case ESTALE: "; move it back, or restart the service"
            default: ""
            }
        return "\(call) `\(path)`: \(what)\(advice)"
    }

    private var what: String {
        switch code {
        case ETIMEDOUT: "does not return"
        case ESTALE: "the file that is written to is not there any more"
        default: String(cString: strerror(code))
        }
    }
}

/// The system calls that the journal makes on its open segment, so that tests can script their failures.
package protocol SegmentFile: AnyObject, Sendable {
    /// As `pwrite(2)`: may write less than asked, or fail with `EINTR`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) -> Int
    func truncate(to length: Int) throws(FileError)
    /// As `fdatasync(2)`.
    func sync() throws(FileError)
    /// Where it was opened.
    var path: String { get }
    /// Whether it can still be found there.
    var isInPlace: Bool { get }
}

extension SegmentFile {
    /// Writes all of the bytes, however many calls it takes.
    func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        var written = 0
        while written < bytes.count {
            do throws(FileError) {
                let count = try write(UnsafeRawBufferPointer(rebasing: bytes[written...]), at: offset + written)
                // Not tried for ever.
                if count == 0 { throw FileError(call: "write", path: "", code: EIO) }
                written += count
            } catch  where error.code == EINTR {
                continue
            }
        }
    }
}

/// A segment in a file of the operating system.
package final class SystemSegmentFile: SegmentFile {
    private let descriptor: Int32
    package let path: String

    /// Opens a file for writing; creates it, readable by its owner alone, if it is not there.
    package init(path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileError(call: "open", path: path, code: errno) }
    }

    deinit {
        close(descriptor)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        let count = pwrite(descriptor, bytes.baseAddress, bytes.count, offset)
        if count < 0 { throw FileError(call: "write", path: path, code: errno) }
        return count
    }

    package func truncate(to length: Int) throws(FileError) {
        if ftruncate(descriptor, length) != 0 { throw FileError(call: "ftruncate", path: path, code: errno) }
    }

    package func sync() throws(FileError) {
        if fdatasync(descriptor) != 0 { throw FileError(call: "fdatasync", path: path, code: errno) }
    }

    package var isInPlace: Bool {
        var (own, found) = (stat(), stat())
        guard fstat(descriptor, &own) == 0, stat(path, &found) == 0 else { return false }
        return own.st_ino == found.st_ino && own.st_dev == found.st_dev
    }
}
