import Decision
import Foundation
import Synchronization

@testable import Audit

/// A directory that lasts as long as the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    var segments: [String] {
        get throws { try Segment.firsts(in: path).map { Segment.path(in: path, first: $0) } }
    }

    /// Every record that a reader finds.
    var records: [AuditRecord] {
        get throws {
            let reader = JournalReader(directory: path)
            return try reader.readAll()
        }
    }

    func bytes(of file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    func write(_ bytes: [UInt8], to file: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    func mode(of file: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    }
}

extension JournalReader {
    func readAll() throws -> [AuditRecord] {
        var all: [AuditRecord] = []
        while true {
            let records = try read()
            if records.isEmpty { return all }
            all += records
        }
    }
}

/// A record with something in each field, so that a field in another's place is seen.
func record(_ sequence: UInt64, path: String = "/data/a", time: UInt64 = 1_000) -> AuditRecord {
    AuditRecord(
        sequence: sequence, time: time,
        head: AuditHead(
            kind: .decision, operation: .read, verdict: .allow, reason: .subscribed, wasCached: true, failureMode: 2,
            policyVersion: 42, age: 1_500),
        principal: "alice@R", shortName: "alice", user: "Alice", realUser: "proxy@R", path: path,
        destination: "/elsewhere", dataSource: "sales", clientAddress: "192.0.2.7", callerContext: "CLI",
        detail: "as asked", grant: "g-1", job: "j-1", change: "{}")
}

extension AuditRecord {
    var texts: [String] {
        [
            principal, shortName, user, realUser, path, destination, dataSource, clientAddress, callerContext, detail,
            grant, job, change,
        ]
    }

    /// The record in the bytes of a segment, as the first of a chain.
    var encoded: [UInt8] { encoded(after: .none).bytes }

    /// The record in the bytes of a segment, and its hash.
    ///
    /// - Parameters:
    ///   - previous: the hash of the record before.
    ///   - unsynced: how many records before were not on disk.
    func encoded(after previous: RecordHash, unsynced: UInt32 = 0) -> (bytes: [UInt8], hash: RecordHash) {
        var encoder = RecordEncoder()
        encoder.begin(head, sequence: sequence, time: time, previous: previous, unsynced: unsynced)
        for text in texts { encoder.append(text: Array(text.utf8)) }
        let hash = encoder.end()
        return (encoder.bytes, hash)
    }

    /// The record as segments of version 1 held it: without a hash, and with ten texts.
    var encodedAsVersion1: [UInt8] {
        var payload: [UInt8] = []
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { payload.append(contentsOf: $0) }
        }
        append(sequence)
        append(time)
        payload += [head.kind.rawValue, head.operation?.rawValue ?? 0, head.verdict?.rawValue ?? 0]
        payload += [head.reason?.rawValue ?? 0, head.wasCached ? 1 : 0, head.failureMode]
        append(head.age)
        append(head.policyVersion)
        append(head.reporter)
        append(head.reporterSequence)
        for text in texts.prefix(10) {
            append(UInt16(text.utf8.count))
            payload += Array(text.utf8)
        }
        let frame = [UInt32(payload.count), CRC32C.checksum(payload.span)]
        return frame.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } } + payload
    }
}

extension RecordEncoder {
    var bytes: [UInt8] { Array(unsafeBytes) }
}

extension SegmentHeader {
    /// The 24 bytes with which segments of version 1 began.
    static func version1(first: UInt64, time: UInt64 = 0) -> [UInt8] {
        let numbers: [UInt64] = [first, time]
        return Array("AZAJ".utf8) + [1, 0, 0, 0]
            + numbers.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }
}

extension Journal {
    /// Stages a record; its number is the journal's to give.
    func stage(_ record: AuditRecord) {
        stage(record.head, time: record.time) { encoder in
            for text in record.texts { encoder.append(text: Array(text.utf8)) }
        }
    }

    /// Commits one record for each path.
    func commit(_ paths: String...) throws {
        for path in paths { stage(record(0, path: path)) }
        try commit()
    }
}

/// Segment files whose system calls fail as a test says; what succeeds is done to a file of the operating system.
final class ScriptedDisk: Sendable {
    enum Outcome: Sendable {
        case success
        /// Of a write: this many bytes and no more.
        case short(Int)
        case failure(Int32)
    }

    private struct Script {
        var writes: [Outcome] = []
        var truncates: [Outcome] = []
        var syncs: [Outcome] = []
        var syncedPaths: [String] = []
    }

    private let script = Mutex(Script())

    /// What the next calls do, in their order; later ones succeed.
    func next(writes: [Outcome] = [], truncates: [Outcome] = [], syncs: [Outcome] = []) {
        script.withLock {
            ($0.writes, $0.truncates, $0.syncs) = (writes, truncates, syncs)
        }
    }

    /// The names of the files for which a sync was asked, in order.
    var synced: [String] { script.withLock { $0.syncedPaths } }

    var open: Journal.OpenFile {
        { [self] (path: String) throws(FileError) in
            File(disk: self, path: path, file: try SystemSegmentFile(path: path))
        }
    }

    private func takeOutcome(_ list: WritableKeyPath<Script, [Outcome]> & Sendable) -> Outcome {
        script.withLock { $0[keyPath: list].isEmpty ? .success : $0[keyPath: list].removeFirst() }
    }

    private final class File: SegmentFile {
        private let disk: ScriptedDisk
        let path: String
        private let file: SystemSegmentFile
        var isInPlace: Bool { file.isInPlace }

        init(disk: ScriptedDisk, path: String, file: SystemSegmentFile) {
            self.disk = disk
            self.path = path
            self.file = file
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) -> Int {
            switch disk.takeOutcome(\.writes) {
            case .success: return try file.write(bytes, at: offset)
            case .short(let count):
                return try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), at: offset)
            case .failure(let code): throw FileError(call: "write", path: path, code: code)
            }
        }

        func truncate(to length: Int) throws(FileError) {
            if case .failure(let code) = disk.takeOutcome(\.truncates) {
                throw FileError(call: "ftruncate", path: path, code: code)
            }
            try file.truncate(to: length)
        }

        func sync() throws(FileError) {
            disk.script.withLock { $0.syncedPaths.append(URL(fileURLWithPath: path).lastPathComponent) }
            if case .failure(let code) = disk.takeOutcome(\.syncs) {
                throw FileError(call: "fdatasync", path: path, code: code)
            }
            try file.sync()
        }
    }
}
