import Audit
import Foundation
import Glibc

/// Lines of JSON in a file that a log shipper tails. Whoever rotates it renames it; the next line is in a new one.
final class FileSink: Sink {
    private let path: String
    private let encoder = LineEncoder()
    private var descriptor: Int32 = -1

    init(path: String) {
        self.path = path
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func deliver(_ records: [AuditRecord], until deadline: Deadline) throws(SinkError) {
        try openFile()
        let length = lseek(descriptor, 0, SEEK_END)
        do throws(SinkError) {
            try write(encoder.lines(records))
            guard fdatasync(descriptor) == 0 else { throw SinkError(call: "fdatasync", "`\(path)`", code: errno) }
        } catch {
            // Nobody reads half a line. What was written may have been read, and comes once more.
            ftruncate(descriptor, length)
            throw error
        }
    }

    private func openFile() throws(SinkError) {
        var (here, there) = (stat(), stat())
        if descriptor >= 0, fstat(descriptor, &here) == 0, stat(path, &there) == 0, here.st_ino == there.st_ino,
            here.st_dev == there.st_dev
        {
            return
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw SinkError(call: "open", "`\(path)`", code: errno) }
        // What a pipe or a terminal has taken, nobody can say.
        guard fstat(descriptor, &here) == 0, here.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            descriptor = -1
            throw SinkError("`\(path)` is no regular file")
        }
        try endTornLine()
    }

    /// A line that was not written whole when the machine died is nobody's; the record comes again.
    private func endTornLine() throws(SinkError) {
        let length = lseek(descriptor, 0, SEEK_END)
        var last: UInt8 = 0
        guard length > 0, pread(descriptor, &last, 1, length - 1) == 1, last != UInt8(ascii: "\n") else { return }
        try write(Data("\n".utf8))
    }

    private func write(_ data: Data) throws(SinkError) {
        let result: Result<Void, SinkError> = data.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count > 0 {
                    written += count
                } else if errno != EINTR {
                    return .failure(SinkError(call: "write", "`\(path)`", code: errno))
                }
            }
            return .success(())
        }
        try result.get()
    }
}
