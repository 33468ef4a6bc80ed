import Foundation

/// A file of the journal: a header, then records one after another, then perhaps zeros where records will be.
package enum Segment {
    /// That this program writes. It reads those of version 1, too.
    package static let version: UInt32 = 2

    private static let prefix = "journal-"
    private static let suffix = ".azaj"

    /// The name repeats the sequence number of the first record, so that names sort.
    package static func path(in directory: String, first: UInt64) -> String {
        let digits = String(first)
        return "\(directory)/\(prefix)\(String(repeating: "0", count: 20 - digits.count))\(digits)\(suffix)"
    }

    /// The sequence number of the first record of the segment with this name or path; `nil` if no segment has it.
    package static func first(ofPath path: String) -> UInt64? {
        path.split(separator: "/").last.flatMap { first(ofName: $0) }
    }

    private static func first(ofName name: Substring) -> UInt64? {
        let name = name.hasSuffix(CompressedSegment.suffix) ? name.dropLast(CompressedSegment.suffix.count) : name
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        return UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
    }

    /// The sequence numbers with which the segments of a directory begin, in order.
    package static func firsts(in directory: String) throws -> [UInt64] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        // One that is just being compressed is there twice.
        return Set(names.compactMap { first(ofName: $0[...]) }).sorted()
    }

    /// Bytes that a segment takes on disk.
    static func size(in directory: String, first: UInt64) -> Int {
        let path = path(in: directory, first: first)
        return fileSize(path) + fileSize(path + CompressedSegment.suffix)
    }

    /// Removes a segment. Who has opened it can still read it.
    static func remove(in directory: String, first: UInt64) throws(FileError) {
        let plain = path(in: directory, first: first)
        for path in [plain, plain + CompressedSegment.suffix] where unlink(path) != 0 && errno != ENOENT {
            throw FileError(call: "unlink", path: path, code: errno)
        }
    }
}

/// How a segment begins.
///
/// | bytes | field |
/// | --- | --- |
/// | 4 | `AZAJ` |
/// | 4 | version, little-endian as all that follows |
/// | 8 | sequence number of the first record |
/// | 8 | when the segment was begun, in milliseconds since 1970 |
/// | 1 | durability; this and all below since version 2 |
/// | 7 | zeros |
/// | 32 | hash of the record before the first |
/// | 4 | CRC-32C of all above |
/// | 4 | zeros |
package struct SegmentHeader: Sendable, Equatable {
    package static let version1Bytes = 24
    package static let byteCount = 72

    package var version = Segment.version
    package var first: UInt64
    package var time: UInt64
    package var durability = Durability.process
    package var previous = RecordHash.none

    package init(first: UInt64, time: UInt64, durability: Durability = .process, previous: RecordHash = .none) {
        self.first = first
        self.time = time
        self.durability = durability
        self.previous = previous
    }

    /// How many bytes of the segment it takes.
    package var length: Int { version == 1 ? Self.version1Bytes : Self.byteCount }

    package var bytes: [UInt8] {
        var bytes = Array("AZAJ".utf8)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(version)
        append(first)
        append(time)
        append(UInt64(durability.code))
        bytes += previous.bytes
        append(CRC32C.checksum(bytes.span))
        append(0 as UInt32)
        return bytes
    }

    /// Reads a header.
    ///
    /// - Parameter bytes: the segment's first ``byteCount``, or what there is of them.
    /// - Returns: `nil` if it has not been written whole.
    /// - Throws: ``JournalError`` if the file is no segment that this program reads.
    package init?(_ bytes: [UInt8], path: String) throws {
        guard bytes.count >= Self.version1Bytes else { return nil }
        func number<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as _: Value.Type) -> Value {
            bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
        }
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        guard bytes.starts(with: Array("AZAJ".utf8)) else { throw JournalError("`\(path)` is no journal segment") }
        version = number(at: 4, as: UInt32.self)
        first = number(at: 8, as: UInt64.self)
        time = number(at: 16, as: UInt64.self)
        if version == 1 { return }
        guard version == Segment.version else {
            throw JournalError(
                """
                `\(path)` has version \(version), this program reads versions 1 to \(Segment.version); run the program \
                that wrote it
                """)
        }
        guard bytes.count >= Self.byteCount else { return nil }
        guard CRC32C.checksum(bytes.span.extracting(0..<64)) == number(at: 64, as: UInt32.self),
            number(at: 68, as: UInt32.self) == 0,
            let durability = Durability(code: bytes[24]), let previous = RecordHash(bytes: Array(bytes[32..<64]))
        else { throw JournalError("`\(path)` is damaged at byte 0: the checksum of its header does not fit") }
        self.durability = durability
        self.previous = previous
    }
}

/// What an answer waits for before it leaves.
package enum Durability: String, Sendable, CaseIterable, Codable {
    /// The kernel has the record: it survives the death of the service, not that of the machine.
    case process
    /// The disk has the record.
    case disk

    /// In a segment's header.
    var code: UInt8 {
        switch self {
        case .process: 1
        case .disk: 2
        }
    }

    init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

/// The journal cannot be used as it lies on disk.
package struct JournalError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
