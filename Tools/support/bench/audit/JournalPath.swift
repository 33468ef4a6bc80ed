import Audit
import Foundation
import Glibc
import Synchronization

/// What a record costs the thread that writes it, beside a plain `writev` of the same bytes to a file.
///
/// Each is measured once in each round, right after one another: the CPU of the writing thread, in nanoseconds for each
/// record. The journal's own thread syncs and writes zeros ahead beside it, as in the service; what that takes is
/// measured, too.
struct JournalPath {
    let directory: String
    let records: Int
    let rounds: Int

    private static let batches = [1, 16, 64]
    /// Few enough to stay in the processor's caches, as a question does that was just received.
    ///
    /// By their addresses: a copy of one would cost the counts of its texts' owners, which a question does not have.
    private nonisolated(unsafe) static let work: UnsafeBufferPointer<Work> = {
        let work = UnsafeMutableBufferPointer<Work>.allocate(capacity: 1 << 10)
        _ = work.initialize(fromContentsOf: Work.make(work.count))
        return UnsafeBufferPointer(work)
    }()

    func run() throws {
        for round in 0..<rounds {
            for batch in Self.batches {
                let arms: [(String, (Int, String) throws -> [(String, Double)])] = [
                    ("writev", plain), ("journal", journal), ("encoding", encoding),
                ]
                for (name, measure) in round % 2 == 0 ? arms : arms.reversed() {
                    let scratch = "\(directory)/\(name)"
                    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
                    let figures = try measure(batch, scratch)
                    try FileManager.default.removeItem(atPath: scratch)
                    AuditBench.report([("round", Double(round)), ("batch", Double(batch))] + figures)
                }
            }
        }
    }

    private func nanosecondsPerRecord(_ body: () throws -> Void) rethrows -> Double {
        let start = seconds(CLOCK_THREAD_CPUTIME_ID)
        try body()
        return (seconds(CLOCK_THREAD_CPUTIME_ID) - start) / Double(records) * 1e9
    }

    private func journal(_ batch: Int, _ scratch: String) throws -> [(String, Double)] {
        let syncing = Syncing()
        let journal = try Journal(directory: scratch, syncing: syncing)
        let thread = ThreadTime()
        syncing.start { failure in
            AuditBench.end("the journal could not be synced: \(failure)")
        } afterSync: {
            thread.note()
        }
        let work = Self.work
        let cost = try nanosecondsPerRecord {
            for number in 0..<records {
                let read = number & (work.count - 1)
                journal.stage(work[read].head(age: 1), time: WallClock.milliseconds) { work[read].write(&$0) }
                if number % batch == batch - 1 { try journal.commit() }
            }
            try journal.commit()
        }
        syncing.stop()
        return [("journal", cost), ("syncing", thread.latest / Double(records) * 1e9)]
    }

    /// The journal without its file: the record's bytes, its checksum and its hash.
    private func encoding(_ batch: Int, _ scratch: String) throws -> [(String, Double)] {
        var encoder = RecordEncoder()
        var previous = RecordHash.none
        let work = Self.work
        let cost = nanosecondsPerRecord {
            for number in 0..<records {
                let read = number & (work.count - 1)
                encoder.begin(
                    work[read].head(age: 1), sequence: UInt64(number), time: WallClock.milliseconds, previous: previous,
                    unsynced: 0)
                work[read].write(&encoder)
                previous = encoder.end()
                if number % batch == batch - 1 { encoder.removeAll() }
            }
        }
        return [("encoding", cost)]
    }

    private func plain(_ batch: Int, _ scratch: String) throws -> [(String, Double)] {
        let encoded = Self.work.map { read in
            var encoder = RecordEncoder()
            encoder.begin(read.head(age: 1), sequence: 1, time: 1, previous: .none, unsynced: 0)
            read.write(&encoder)
            encoder.end()
            return Array(encoder.unsafeBytes)
        }
        let places = encoded.map { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
            copy.copyBytes(from: bytes)
            return iovec(iov_base: copy.baseAddress, iov_len: bytes.count)
        }
        defer { for place in places { free(place.iov_base) } }
        let descriptor = open("\(scratch)/plain", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(call: "open", path: scratch, code: errno) }
        defer { close(descriptor) }
        let cost = try places.withUnsafeBufferPointer { places in
            try nanosecondsPerRecord {
                for number in stride(from: 0, to: records, by: batch) {
                    let first = places.baseAddress! + number & (places.count - 1)
                    let length = (0..<batch).reduce(0) { $0 + first[$1].iov_len }
                    guard writev(descriptor, first, Int32(batch)) == length else {
                        throw FileError(call: "writev", path: scratch, code: errno)
                    }
                }
            }
        }
        let bytes = encoded.reduce(0) { $0 + $1.count } / encoded.count
        return [("writev", cost), ("bytes", Double(bytes))]
    }
}

/// Seconds of CPU of the thread that notes them.
private final class ThreadTime: Sendable {
    private let noted = Mutex(0.0)

    func note() {
        let now = seconds(CLOCK_THREAD_CPUTIME_ID)
        noted.withLock { $0 = now }
    }

    var latest: Double { noted.withLock { $0 } }
}
