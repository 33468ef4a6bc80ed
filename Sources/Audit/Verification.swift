import Foundation

/// Walks a journal from its first segment to its last, and finds the first thing wrong with it.
///
/// Works on the files alone, beside a running service or on a copy.
package struct Verification {
    /// What was found in order.
    package struct Result: Sendable, Codable, Equatable {
        package var segments = 0
        package var records: UInt64 = 0
        /// The numbers of the first and the last record.
        package var first: UInt64?
        package var last: UInt64?
        /// Checkpoints that were signed with the key and fit; 0 without a key.
        package var checkpoints = 0
        /// The last record that such a checkpoint covers.
        package var signedThrough: UInt64?
        /// What is no proof of tampering, but should be known.
        package var notes: [String] = []
    }

    /// The first thing wrong.
    package struct Finding: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private let directory: String
    private let publicKeys: [CheckpointPublicKey]
    /// By the record that they sign.
    private var checkpoints: [UInt64: [Checkpoint]] = [:]
    private var lastSigned: Checkpoint?
    private var result = Result()
    /// Of the record that was read last; `nil` if nothing says what it has to be.
    private var hash: RecordHash?
    /// The number of the first record of the segment after the one that is read.
    private var following: UInt64?
    private var isLast: Bool { following == nil }

    /// - Parameters:
    ///   - publicKeys: each checkpoint has to be signed with one of them. None to leave signatures out: then a journal
    ///     that was forged as a whole is not found.
    ///   - checkpoints: further ones, such as were sent elsewhere.
    /// - Throws: ``JournalError`` if the checkpoints cannot be read; ``Finding`` if one was not signed with the key.
    package init(directory: String, publicKeys: [CheckpointPublicKey], checkpoints further: [Checkpoint] = []) throws {
        self.directory = directory
        self.publicKeys = publicKeys
        for checkpoint in try Checkpoint.read(from: Checkpoint.path(in: directory)) + further {
            if !publicKeys.isEmpty, !publicKeys.contains(where: { checkpoint.isSigned(with: $0) }) {
                let isKnown = publicKeys.contains { checkpoint.publicKey == "\($0)" }
                throw Finding(
                    "the checkpoint of record \(checkpoint.sequence) "
                        + (isKnown
                            ? "has a signature that its key did not make: it is forged"
                            : "was signed with another key, \(checkpoint.publicKey)"))
            }
            checkpoints[checkpoint.sequence, default: []].append(checkpoint)
            if checkpoint.sequence >= lastSigned?.sequence ?? 0 { lastSigned = checkpoint }
        }
    }

    /// Verifies segments.
    ///
    /// - Parameters:
    ///   - firsts: the numbers of the first records of the segments; `nil` for all there are.
    ///   - progress: called after each segment with the records so far.
    /// - Throws: ``Finding`` at the first thing wrong; ``FileError`` or ``JournalError`` if a segment cannot be read.
    package mutating func run(
        segments firsts: [UInt64]? = nil, progress: (UInt64) -> Void = { _ in }
    ) throws -> Result {
        let all = try Segment.firsts(in: directory)
        if let absent = firsts?.first(where: { !all.contains($0) }) {
            throw JournalError("there is no `\(Segment.path(in: directory, first: absent))`")
        }
        for (index, first) in all.enumerated() where firsts?.contains(first) ?? true {
            let isChained = index > 0 && (firsts?.contains(all[index - 1]) ?? true)
            following = index + 1 < all.count ? all[index + 1] : nil
            try verify(first, after: isChained)
            progress(result.records)
        }
        if firsts == nil { try verifyEnd() }
        if publicKeys.isEmpty, lastSigned != nil {
            result.notes.append("no public key was given: signatures were not looked at")
        }
        return result
    }

    private mutating func verify(_ first: UInt64, after isChained: Bool) throws {
        guard let file = try SegmentFileReader(directory: directory, first: first) else {
            let path = Segment.path(in: directory, first: first)
            guard isLast else { throw Finding("`\(path)` has no whole header, and is not the last segment") }
            result.notes.append("`\(path)` has no whole header: the service is making it, or died while it did")
            return
        }
        let (header, path) = (file.header, file.path)
        guard header.first == first else {
            throw Finding("`\(path)` begins with record \(header.first): it was renamed")
        }
        if isChained, let last = result.last, first != last + 1 {
            throw Finding(
                first > last
                    ? "records \(last + 1) to \(first - 1) are missing: they stand neither at the end of the segment before `\(path)` nor in any other"
                    : "`\(path)` begins with record \(first), which the segment before holds already")
        }
        if header.version == 1 { result.notes.append("`\(path)` has version 1: its records hold no hashes") }
        if isChained, let hash, header.version > 1, header.previous != hash {
            throw Finding(
                "the header of `\(path)` does not hold the hash of record \(first - 1): that record or the header was changed"
            )
        }
        if !isChained { try begin(header, path) }
        hash = header.version > 1 ? header.previous : nil
        if result.first == nil { result.first = first }
        result.last = first - 1
        try verifyRecords(file, header)
        result.segments += 1
    }

    /// Of the first segment: what lies before is vouched for by a checkpoint, or by nobody.
    private mutating func begin(_ header: SegmentHeader, _ path: String) throws {
        guard header.first > 1, header.version > 1 else { return }
        guard checkpoints[header.first - 1] != nil else {
            result.notes.append(
                "no checkpoint vouches for what was before record \(header.first), where `\(path)` begins")
            return
        }
        try compare(header.first - 1, header.previous, "the header of `\(path)`")
    }

    private mutating func compare(_ sequence: UInt64, _ hash: RecordHash, _ place: String) throws {
        for checkpoint in checkpoints[sequence] ?? [] {
            guard checkpoint.hash == "\(hash)" else {
                let before =
                    result.signedThrough.map { "after record \($0), which a checkpoint signs too" }
                    ?? "from the beginning"
                throw Finding(
                    """
                    \(place): record \(sequence) is not the one that its checkpoint signs: records up to it, \
                    \(before), were replaced and their hashes made anew
                    """)
            }
            guard !publicKeys.isEmpty else { continue }
            result.checkpoints += 1
            result.signedThrough = sequence
        }
    }

    private mutating func verifyRecords(_ file: SegmentFileReader, _ header: SegmentHeader) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = header.length
        while !isFollowedUp {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(try file.read(into: buffer, at: offset))])
            var position = 0
            records: while !isFollowedUp {
                switch RecordDecoder.decode(bytes, at: position, version: header.version) {
                case .record(let view):
                    try verify(view, bytes, header, "`\(file.path)`, byte \(offset + position)")
                    position += view.byteCount
                case .incomplete where bytes.count == buffer.count && position > 0:
                    break records
                case .incomplete:
                    return try verifyRest(file, at: offset + position)
                case .damaged(let why):
                    guard isLast, let next = result.last.map({ $0 + 1 }),
                        try !wasOnDisk(next, file, from: offset + position)
                    else { throw Finding("`\(file.path)`, byte \(offset + position): \(why)") }
                    return noteTorn(file, at: offset + position)
                }
            }
            offset += position
        }
    }

    /// The next record is the first of the next segment. What this one holds behind that place is left of a write that
    /// failed and could not be taken back.
    private var isFollowedUp: Bool { following.map { $0 == (result.last ?? 0) + 1 } ?? false }

    private mutating func verify(
        _ view: RecordView, _ bytes: UnsafeRawBufferPointer, _ header: SegmentHeader, _ place: String
    ) throws {
        let next = (result.last ?? 0) + 1
        guard view.sequence == next else {
            throw Finding(
                view.sequence > next
                    ? "\(place): record \(view.sequence) stands where record \(next) has to: records were removed or moved"
                    : "\(place): record \(view.sequence) stands where record \(next) has to: records were moved")
        }
        if header.version > 1 {
            let payload = UnsafeRawBufferPointer(rebasing: bytes[view.payload])
            if let hash, RecordHash(at: payload.baseAddress!) != hash {
                throw Finding(
                    "\(place): record \(next) does not hold the hash of record \(next - 1): that one was changed")
            }
            let own = RecordHash(of: payload)
            hash = own
            try compare(next, own, place)
        }
        result.last = next
        result.records += 1
    }

    /// What stands behind the last record: nothing, zeros, or a record that is being written or was torn.
    private mutating func verifyRest(
        _ file: SegmentFileReader, at offset: Int
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var place = offset
        while case let count = try file.read(into: buffer, at: place), count > 0 {
            guard let found = buffer[..<count].firstIndex(where: { $0 != 0 }) else {
                place += count
                continue
            }
            guard isLast, try !wasOnDisk((result.last ?? 0) + 1, file, from: offset) else {
                throw Finding(
                    "`\(file.path)`, byte \(offset): record \((result.last ?? 0) + 1) is not whole or was wiped out, and something stands behind it, at byte \(place + found)"
                )
            }
            return noteTorn(file, at: offset)
        }
    }

    private mutating func noteTorn(_ file: SegmentFileReader, at offset: Int) {
        result.notes.append(
            "`\(file.path)`, byte \(offset): a record is not whole; the service is writing it, or died while it did and will cut it off"
        )
    }

    /// Whether the record that has to be at a place was on disk: a checkpoint signs it, or one behind it was written
    /// later. Then it was not torn.
    private func wasOnDisk(_ next: UInt64, _ file: SegmentFileReader, from offset: Int) throws -> Bool {
        if let lastSigned, lastSigned.sequence >= next { return true }
        let data = try Data(contentsOf: URL(fileURLWithPath: file.path), options: .alwaysMapped)
        return data.withUnsafeBytes { TornTail.recordThatSawItOnDisk($0, from: offset, file.header, next: next) } != nil
    }

    private mutating func verifyEnd() throws {
        guard let lastSigned else {
            if result.records > 0 {
                result.notes.append("there are no checkpoints: a journal that was forged as a whole is not found")
            }
            return
        }
        guard lastSigned.sequence <= result.last ?? 0 else {
            throw Finding(
                """
                the journal ends with record \(result.last ?? 0), and a checkpoint signs record \(lastSigned.sequence): \
                what was between them was cut off
                """)
        }
    }
}
