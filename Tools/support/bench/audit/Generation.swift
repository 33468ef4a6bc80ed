import Audit
import Decision
import Foundation
import Glibc
import Synchronization

/// Writes a journal of made-up reads over 30 days, as the service writes it, and indexes it.
struct Generation {
    let directory: String
    let count: Int
    /// Records that share a commit.
    let batch: Int

    static let days = 30
    /// Records that may wait for the disk and the index: they are not to be outrun by more than in earnest.
    private static let mostWaiting: UInt64 = 1_000_000

    func run() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let syncing = Syncing()
        let index = try AuditIndex(directory: directory)
        let journal = try Journal(directory: directory, indexed: index.last, syncing: syncing)
        let auditCPU = Mutex((thread: 0.0, index: 0.0))
        let progress = Progress()
        syncing.start { failure in
            AuditBench.end("the journal could not be synced: \(failure)")
        } afterSync: {
            let start = seconds(CLOCK_THREAD_CPUTIME_ID)
            do {
                try index.catchUp(through: syncing.committed)
            } catch {
                AuditBench.end("the journal could not be indexed: \(error)")
            }
            let end = seconds(CLOCK_THREAD_CPUTIME_ID)
            auditCPU.withLock { $0 = (end, $0.index + end - start) }
            progress.note()
        }
        let work = Work.make(1 << 18)
        let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID))
        try write(work, to: journal, begin: WallClock.milliseconds - UInt64(Self.days) * 86_400_000) {
            progress.wait { journal.last <= index.last + Self.mostWaiting }
        }
        let (wallEnd, cpuEnd) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID))
        syncing.stop()
        let indexed = seconds(CLOCK_MONOTONIC)
        let records = Double(count)
        let audit = auditCPU.withLock { $0 }
        let (journalBytes, indexBytes) = try Sizes.of(directory)
        AuditBench.report([
            ("records", records), ("writing_seconds", wallEnd - wall), ("until_indexed_seconds", indexed - wall),
            ("writer_microseconds_per_record", (cpuEnd - cpu) / records * 1e6),
            ("index_microseconds_per_record", audit.index / records * 1e6),
            ("audit_thread_microseconds_per_record", audit.thread / records * 1e6),
            ("journal_bytes_per_record", journalBytes / records), ("index_bytes_per_record", indexBytes / records),
            ("resident_megabytes", residentMegabytes()),
        ])
    }

    private func write(_ work: [Work], to journal: Journal, begin: UInt64, wait: () -> Void) throws {
        let span = UInt64(Self.days) * 86_400_000
        for number in 0..<count {
            let read = work[number & (work.count - 1)]
            let time = begin + UInt64(number) * span / UInt64(count)
            journal.stage(read.head(age: UInt32(truncatingIfNeeded: number & 0xFFFF)), time: time) { read.write(&$0) }
            if number % batch == batch - 1 { try journal.commit() }
            if number % 4_096 == 0 { wait() }
        }
        try journal.commit()
    }

    private func residentMegabytes() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }
}

/// Lets a thread wait for what another one does.
private final class Progress: Sendable {
    private let condition = NSCondition()

    /// Something was done.
    func note() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    func wait(until isReached: () -> Bool) {
        condition.lock()
        while !isReached() { condition.wait() }
        condition.unlock()
    }
}

/// Bytes that the journal and the index take in a directory.
enum Sizes {
    static func of(_ directory: String) throws -> (journal: Double, index: Double) {
        var (journal, index) = (0.0, 0.0)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let size = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.size] as? Double ?? 0
            if name.hasPrefix("journal-") { journal += size }
            if name.hasPrefix("index") { index += size }
        }
        return (journal, index)
    }
}
