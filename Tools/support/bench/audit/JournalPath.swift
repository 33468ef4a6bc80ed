import Audit
import Decision
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
    private nonisolated(unsafe) static let work = Work.make(1 << 10).map(UnownedWork.init)
    /// How far the writer may be ahead of the thread that syncs. No service is so fast that it gets there.
    private static let mostAhead: UInt64 = 4_096

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
                let read = work[number & (work.count - 1)]
                journal.stage(read.head, time: WallClock.milliseconds) { read.write(&$0) }
                if number % batch == batch - 1 { try journal.commit() }
                if number % 1_024 == 0 { thread.wait { journal.last <= syncing.synced + Self.mostAhead } }
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
                let read = work[number & (work.count - 1)]
                encoder.begin(
                    read.head, sequence: UInt64(number), time: WallClock.milliseconds, previous: previous,
                    unsynced: 0)
                read.write(&encoder)
                previous = encoder.end()
                if number % batch == batch - 1 { encoder.removeAll() }
            }
        }
        return [("encoding", cost)]
    }

    private func plain(_ batch: Int, _ scratch: String) throws -> [(String, Double)] {
        let encoded = Self.work.map { read in
            var encoder = RecordEncoder()
            encoder.begin(read.head, sequence: 1, time: 1, previous: .none, unsynced: 0)
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

/// A read whose texts belong to nobody: to have one costs nothing, as in the service, which has them where they were
/// received.
private struct UnownedWork {
    let head: AuditHead
    /// In the order of the record; of some there is none.
    private let texts: [8 of UnsafeBufferPointer<UInt8>]

    /// Copies the texts, for good.
    init(_ work: Work) {
        func copy(_ text: [UInt8]) -> UnsafeBufferPointer<UInt8> {
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
            _ = copy.initialize(fromContentsOf: text)
            return UnsafeBufferPointer(copy)
        }
        let none = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        head = work.head(age: 1)
        texts = [
            copy(work.principal), copy(work.user), copy(work.user), none, copy(work.path), none, copy(work.dataSource),
            copy(work.address),
        ]
    }

    /// As ``Work/write(_:)``.
    func write(_ encoder: inout RecordEncoder) {
        for index in texts.indices { encoder.append(text: texts[index].span) }
    }
}

/// Seconds of CPU of the thread that notes them.
private final class ThreadTime: Sendable {
    private let noted = Mutex(0.0)
    private let progress = NSCondition()

    func note() {
        let now = seconds(CLOCK_THREAD_CPUTIME_ID)
        noted.withLock { $0 = now }
        progress.lock()
        progress.broadcast()
        progress.unlock()
    }

    /// Waits for what the thread does.
    func wait(until isReached: () -> Bool) {
        if isReached() { return }
        progress.lock()
        while !isReached() { progress.wait() }
        progress.unlock()
    }

    var latest: Double { noted.withLock { $0 } }
}
