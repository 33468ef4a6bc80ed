import Audit
import Foundation
import Glibc

/// Up to which record a sink has everything, in a file beside the journal.
struct ShippedPosition {
    private let path: String

    init(directory: String, name: String) {
        path = "\(directory)/shipped-\(name)"
    }

    /// 0 before the first.
    ///
    /// - Throws: ``JournalError`` if the file holds something else.
    func read() throws -> UInt64 {
        guard let data = FileManager.default.contents(atPath: path) else { return 0 }
        let text = String(decoding: data, as: UTF8.self)
        guard text.last == "\n", let sequence = UInt64(text.dropLast()) else {
            throw JournalError(
                "`\(path)` does not say what was shipped; write the number of the last record that was, or remove it")
        }
        return sequence
    }

    /// After a crash an earlier one may be found; then records are sent again.
    func write(_ sequence: UInt64) throws(FileError) {
        let fresh = "\(path).partial"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileError(call: "open", path: fresh, code: errno) }
        defer { close(descriptor) }
        let text = Array("\(sequence)\n".utf8)
        guard Glibc.write(descriptor, text, text.count) == text.count, fdatasync(descriptor) == 0 else {
            throw FileError(call: "write", path: fresh, code: errno)
        }
        if rename(fresh, path) != 0 { throw FileError(call: "rename", path: fresh, code: errno) }
    }
}
