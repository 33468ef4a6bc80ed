import Audit
import Glibc

/// Compresses the segments of a journal that nobody writes to: all but the last.
struct Compressing {
    let directory: String

    func run() throws {
        let start = seconds(CLOCK_MONOTONIC)
        let compression = SegmentCompression(hours: 0)
        while try compression.compressOne(in: directory, synced: .max, now: .max) {}
        let taken = seconds(CLOCK_MONOTONIC) - start
        let records = Double(try AuditIndex(directory: directory).last)
        AuditBench.report([
            ("compressing_seconds", taken), ("compressed_bytes_per_record", try Sizes.of(directory).journal / records),
        ])
    }
}
