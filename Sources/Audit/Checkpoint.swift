import Foundation

/// A signed statement that the journal had a record with this hash, and so every record before it.
package struct Checkpoint: Sendable, Codable, Equatable {
    /// Of the record.
    package var sequence: UInt64
    /// SHA-256 of the record, in hexadecimal.
    package var hash: String
    /// When it was signed, in milliseconds since 1970.
    package var time: UInt64
    /// The public key, in Base64.
    package var publicKey: String
    /// Ed25519, in Base64.
    package var signature: String

    init(sequence: UInt64, hash: RecordHash, time: UInt64, key: CheckpointKey) throws {
        self.sequence = sequence
        self.hash = "\(hash)"
        self.time = time
        publicKey = "\(key.publicKey)"
        signature = ""
        signature = try key.signature(for: message).base64EncodedString()
    }

    /// What is signed.
    private var message: [UInt8] {
        Array("authorizer audit checkpoint\nsequence \(sequence)\nhash \(hash)\ntime \(time)\n".utf8)
    }

    /// Whether the holder of the key has signed it.
    package func isSigned(with key: CheckpointPublicKey) -> Bool {
        guard let signature = Data(base64Encoded: signature) else { return false }
        return key.isValid(signature, for: message)
    }

    /// The file in the audit directory: one JSON object a line, oldest first.
    package static func path(in directory: String) -> String { "\(directory)/checkpoints.jsonl" }

    /// The checkpoints in a file; none if it is not there. A line that a crash tore at the end is no checkpoint.
    ///
    /// - Throws: ``JournalError`` at a line that is none, naming it.
    package static func read(from path: String) throws -> [Checkpoint] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var checkpoints: [Checkpoint] = []
        for (number, line) in lines.enumerated() where number < lines.count - 1 {
            guard let checkpoint = try? JSONDecoder().decode(Checkpoint.self, from: Data(line)) else {
                throw JournalError("line \(number + 1) of `\(path)` is no checkpoint")
            }
            checkpoints.append(checkpoint)
        }
        return checkpoints
    }
}

/// Signs the journal every so often. Belongs to the audit thread.
package struct Checkpointer: ~Copyable {
    /// A checkpoint is due after so many records, or so many seconds, whichever is sooner.
    package static let mostRecords: UInt64 = 1_000_000
    package static let mostSeconds = 60.0

    private let key: CheckpointKey
    private let path: String
    /// The number of the record that was signed last.
    package private(set) var last: UInt64
    private var signedAt: ContinuousClock.Instant?
    /// Records before segments that are not signed yet, in order.
    private var boundaries: [(sequence: UInt64, hash: RecordHash)] = []

    /// - Throws: ``JournalError`` if the checkpoints that are there cannot be read.
    package init(directory: String, key: CheckpointKey) throws {
        let path = Checkpoint.path(in: directory)
        try Self.dropTornLine(path)
        let last = try Checkpoint.read(from: path).last?.sequence ?? 0
        boundaries = try Self.boundaries(in: directory, after: last)
        self.key = key
        self.path = path
        self.last = last
    }

    /// Of those segments for which the last process died before it had signed them.
    private static func boundaries(
        in directory: String, after last: UInt64
    ) throws -> [(sequence: UInt64, hash: RecordHash)] {
        try Segment.firsts(in: directory).filter { $0 > last + 1 }.compactMap { first in
            try SegmentFileReader(directory: directory, first: first).map { (first - 1, $0.header.previous) }
        }
    }

    /// Remembers the records before segments that were begun: each of them is signed, so that what follows can be
    /// verified when what is before is gone.
    package mutating func note(_ boundaries: [(sequence: UInt64, hash: RecordHash)]) {
        for boundary in boundaries where boundary.sequence > self.boundaries.last?.sequence ?? last {
            self.boundaries.append(boundary)
        }
    }

    /// Drops the checkpoints of records that were removed; the last of them stays, for the first record that is left.
    ///
    /// - Parameter first: the number of that record.
    /// - Throws: ``FileError`` if the file could not be written; then it is as it was.
    package func forget(before first: UInt64) throws {
        let kept = try Checkpoint.read(from: path).filter { $0.sequence + 1 >= first }
        let fresh = "\(path).partial"
        unlink(fresh)
        for checkpoint in kept { try Self.append(checkpoint, to: fresh, sync: false) }
        guard !kept.isEmpty else { return }
        let file = try SystemSegmentFile(path: fresh)
        try file.sync()
        guard rename(fresh, path) == 0 else { throw FileError(call: "rename", path: fresh, code: errno) }
    }

    /// Signs if it is due.
    ///
    /// - Parameters:
    ///   - end: the last record that is on disk, and its hash.
    ///   - isLast: the service ends, and signs what it has.
    /// - Throws: ``FileError`` if the checkpoint could not be written; it is tried again with the next.
    package mutating func sign(
        upTo end: (sequence: UInt64, hash: RecordHash), isLast: Bool
    ) throws {
        while let boundary = boundaries.first, boundary.sequence <= end.sequence {
            if boundary.sequence > last, boundary.hash != .none { try append(boundary) }
            boundaries.removeFirst()
        }
        guard end.sequence > last else { return }
        let isDue =
            isLast || end.sequence - last >= Self.mostRecords
            || (signedAt.map { $0.duration(to: .now) >= .seconds(Self.mostSeconds) } ?? true)
        if isDue { try append(end) }
    }

    private mutating func append(_ place: (sequence: UInt64, hash: RecordHash)) throws {
        let checkpoint = try Checkpoint(
            sequence: place.sequence, hash: place.hash, time: WallClock.milliseconds, key: key)
        try Self.append(checkpoint, to: path, sync: true)
        last = place.sequence
        signedAt = .now
    }

    private static func append(_ checkpoint: Checkpoint, to path: String, sync: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(checkpoint) + [UInt8(ascii: "\n")]
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileError(call: "open", path: path, code: errno) }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        guard line.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == line.count,
            !sync || fdatasync(descriptor) == 0
        else {
            let error = FileError(call: "write", path: path, code: errno)
            ftruncate(descriptor, length)
            throw error
        }
    }

    private static func dropTornLine(_ path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), !data.isEmpty,
            data.last != UInt8(ascii: "\n")
        else { return }
        let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard truncate(path, end) == 0 else { throw FileError(call: "truncate", path: path, code: errno) }
    }
}
