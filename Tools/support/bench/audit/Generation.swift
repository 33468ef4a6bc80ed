import Audit
import Decision
import Foundation
import Glibc
import Synchronization

/// Reads by 10,000 users of 1,000 data sources over 30 days: users and data sources by a Zipf-like law, each data
/// source with 64 directories of 4,096 files.
struct Generation {
    let directory: String
    let count: Int
    /// Records that share a commit.
    let batch: Int
    let isIndexed: Bool

    private static let users = 10_000
    private static let dataSources = 1_000
    static let days = 30

    func run() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let syncing = Syncing()
        let index = try AuditIndex(directory: directory)
        let journal = try Journal(directory: directory, indexed: index.last, syncing: syncing)
        let auditCPU = Mutex((thread: 0.0, index: 0.0))
        let isIndexed = isIndexed
        syncing.start { failure in
            print("\(failure)")
        } afterSync: {
            let start = seconds(CLOCK_THREAD_CPUTIME_ID)
            if isIndexed { try! index.catchUp(through: syncing.committed) }
            let end = seconds(CLOCK_THREAD_CPUTIME_ID)
            auditCPU.withLock { $0 = (end, $0.index + end - start) }
        }
        let work = Work.make()
        let begin = Date()
        let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID))
        write(work, to: journal, syncing, begin: WallClock.milliseconds - UInt64(Self.days) * 86_400_000)
        let (wallEnd, cpuEnd) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID))
        syncing.stop()
        let drained = Date().timeIntervalSince(begin)
        let records = Double(count)
        let audit = auditCPU.withLock { $0 }
        let (journalBytes, indexBytes) = try sizes()
        AuditBench.report([
            ("records", records), ("writing_seconds", wallEnd - wall), ("until_indexed_seconds", drained),
            ("records_per_second", records / (wallEnd - wall)),
            ("writer_microseconds_per_record", (cpuEnd - cpu) / records * 1e6),
            ("index_microseconds_per_record", audit.index / records * 1e6),
            ("audit_thread_microseconds_per_record", audit.thread / records * 1e6),
            ("journal_bytes_per_record", journalBytes / records), ("index_bytes_per_record", indexBytes / records),
            ("resident_megabytes", residentMegabytes()),
        ])
    }

    private func write(_ work: [Work], to journal: Journal, _ syncing: Syncing, begin: UInt64) {
        let span = UInt64(Self.days) * 86_400_000
        for number in 0..<count {
            let read = work[number & (work.count - 1)]
            let head = AuditHead(
                kind: .decision, operation: .read, verdict: read.verdict, reason: read.reason, wasCached: true,
                policyVersion: 7, age: UInt32(truncatingIfNeeded: number & 0xFFFF))
            let time = begin + UInt64(number) * span / UInt64(count)
            journal.stage(head, time: time) { texts in
                texts.append(text: read.principal.span)
                texts.append(text: read.user.span)
                texts.append(text: read.user.span)
                texts.appendNothing()
                texts.append(text: read.path.span)
                texts.appendNothing()
                texts.append(text: read.dataSource.span)
                texts.append(text: read.address.span)
            }
            if number % batch == batch - 1 { try! journal.commit() }
            // The disk is not to be outrun by more than it would be in earnest.
            if number % 4_096 == 0 { while journal.last > syncing.synced + 1_000_000 { usleep(1_000) } }
        }
        try! journal.commit()
    }

    private func sizes() throws -> (journal: Double, index: Double) {
        var (journal, index) = (0.0, 0.0)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let size = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.size] as? Double ?? 0
            if name.hasPrefix("journal-") { journal += size }
            if name.hasPrefix("index") { index += size }
        }
        return (journal, index)
    }

    private func residentMegabytes() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }

    /// One read; 65,536 of them are made, and repeated.
    struct Work {
        var principal: [UInt8]
        var user: [UInt8]
        var path: [UInt8]
        var dataSource: [UInt8]
        var address: [UInt8]
        var verdict: Verdict
        var reason: Reason

        static func make() -> [Work] {
            var random = SplitMix(state: 1)
            return (0..<1 << 18).map { _ in
                let user = random.skewed(below: users)
                let source = random.skewed(below: dataSources)
                let isAllowed = random.next() % 4 != 0
                return Work(
                    principal: Array("user\(user)@EXAMPLE.COM".utf8), user: Array("user\(user)".utf8),
                    path: Array(
                        "/warehouse/zone\(source % 10)/source\(source)/day=\(random.next() % 64)/part-\(random.next() % 4_096).parquet"
                            .utf8),
                    dataSource: Array("source\(source)".utf8), address: Array("10.0.\(user % 256).\(user / 256)".utf8),
                    verdict: isAllowed ? .allow : .deny, reason: isAllowed ? .subscribed : .notSubscribed)
            }
        }
    }
}

/// Numbers that are the same each time.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// Small numbers are much more frequent than large ones.
    mutating func skewed(below limit: Int) -> Int {
        let unit = Double(next() >> 11) / Double(1 << 53)
        return min(limit - 1, Int(pow(Double(limit), unit)) - 1)
    }
}
