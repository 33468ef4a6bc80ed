import Crypto
import Foundation
import Glibc

/// Hides the later components of paths in records, since names of files can be names of people.
///
/// Each hidden component becomes `~` and 16 hexadecimal digits of a SHA-256 of a secret salt and of the path down to
/// it. So the same path always reads the same, what is below a directory still is, and who has not the salt cannot try
/// out names.
package struct PathPrivacy: Sendable {
    private static let saltBytes = 32
    private static let shownBytes = 8
    private static let slash = UInt8(ascii: "/")

    /// Components that are shown whole, counted from the root.
    package let whole: Int
    private let salt: [UInt8]

    package init(whole: Int, salt: [UInt8]) {
        self.whole = whole
        self.salt = salt
    }

    /// With the salt in a file of the audit directory, which is made if it is not there.
    ///
    /// - Throws: ``FileError`` or ``JournalError`` if it cannot be read or made.
    package init(whole: Int, directory: String) throws {
        let path = "\(directory)/paths.salt"
        if let data = FileManager.default.contents(atPath: path) {
            guard data.count == Self.saltBytes else {
                throw JournalError("`\(path)` is no salt of \(Self.saltBytes) bytes; restore it")
            }
            self.init(whole: whole, salt: Array(data))
            return
        }
        var random = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileError(call: "open", path: path, code: errno) }
        defer { close(descriptor) }
        guard write(descriptor, salt, salt.count) == salt.count, fsync(descriptor) == 0 else {
            let error = FileError(call: "write", path: path, code: errno)
            unlink(path)
            throw error
        }
        self.init(whole: whole, salt: salt)
    }

    /// A path as records show it.
    ///
    /// - Parameter path: canonical or not; what comes before its first slash counts as a component.
    package func veiled(_ path: borrowing Span<UInt8>) -> [UInt8] {
        path.withUnsafeBytes { bytes in
            var shown: [UInt8] = []
            shown.reserveCapacity(bytes.count)
            var hash = SHA256()
            hash.update(data: salt)
            var (start, component) = (0, 0)
            for index in 0...bytes.count where index == bytes.count || bytes[index] == Self.slash {
                let name = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
                if start > 0 { shown.append(Self.slash) }
                if !name.isEmpty {
                    component += 1
                    hash.update(bufferPointer: name)
                    // So that `a/bc` and `ab/c` differ.
                    hash.update(data: [Self.slash])
                    if component > whole { append(hash, to: &shown) } else { shown.append(contentsOf: name) }
                }
                start = index + 1
            }
            return shown
        }
    }

    package func veiled(_ path: String) -> String {
        String(decoding: veiled(Array(path.utf8).span), as: UTF8.self)
    }

    private func append(_ hash: SHA256, to shown: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        shown.append(UInt8(ascii: "~"))
        for byte in hash.finalize().prefix(Self.shownBytes) {
            shown.append(digits[Int(byte >> 4)])
            shown.append(digits[Int(byte & 15)])
        }
    }
}
