import Foundation

/// A file of the journal: a header, then records one after another.
///
/// The header is 24 bytes: `AZAJ`, a version (4, little-endian), the sequence number of the first record (8), and when
/// the segment was begun, in milliseconds since 1970 (8). Its name repeats the sequence number, so that names sort.
package enum Segment {
    package static let version: UInt32 = 1
    package static let headerBytes = 24

    private static let prefix = "journal-"
    private static let suffix = ".azaj"

    package static func path(in directory: String, first: UInt64) -> String {
        let digits = String(first)
        return "\(directory)/\(prefix)\(String(repeating: "0", count: 20 - digits.count))\(digits)\(suffix)"
    }

    package static func header(first: UInt64, time: UInt64) -> [UInt8] {
        var bytes = Array("AZAJ".utf8)
        withUnsafeBytes(of: version.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: first.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: time.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The sequence numbers with which the segments of a directory begin, in order.
    package static func firsts(in directory: String) throws -> [UInt64] {
        try FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
            .compactMap { UInt64($0.dropFirst(prefix.count).dropLast(suffix.count)) }
            .sorted()
    }
}

/// The journal cannot be used as it lies on disk.
package struct JournalError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
