import Audit
import Foundation
import Glibc

/// Queries by user, path, and data source over the journal that ``Generation`` made: each with nothing of the journal in
/// memory, and once more at once.
struct Asking {
    let directory: String

    func run() throws {
        let start = seconds(CLOCK_MONOTONIC)
        let index = try AuditIndex(directory: directory)
        try index.catchUp()
        let opened = seconds(CLOCK_MONOTONIC) - start
        var oldest = AuditQuery(limit: 1)
        oldest.takesOldest = true
        let first = try index.records(oldest).first?.time ?? 0
        let last = try index.records(AuditQuery(limit: 1)).last?.time ?? 0
        var figures = [("records", Double(index.last)), ("opening_seconds", opened)]
        func time(_ name: String, _ set: (inout AuditQuery) -> Void) throws {
            var query = AuditQuery()
            set(&query)
            try forget()
            for measured in ["seconds", "again_seconds"] {
                let start = seconds(CLOCK_MONOTONIC)
                let found = try index.records(query).count
                figures.append(("\(name)_\(measured)", seconds(CLOCK_MONOTONIC) - start))
                if measured == "seconds" { figures.append(("\(name)_found", Double(found))) }
            }
        }
        let day = { (query: inout AuditQuery) in
            query.since = last - (last - first) / 3
            query.until = query.since! + 86_400_000
            query.limit = 1_000_000
        }
        try time("newest") { _ in }
        for user in ["user9", "user500", "user7000"] {
            try time("day_\(user)") {
                day(&$0)
                $0.user = user
            }
        }
        try time("day_frequent_path") {
            day(&$0)
            $0.path = "/warehouse/zone5/source5"
        }
        try time("day_rare_path") {
            day(&$0)
            $0.path = "/warehouse/zone7/source777/day=5"
        }
        try time("day_one_file") {
            day(&$0)
            $0.path = "/warehouse/zone7/source7/day=5/part-7.parquet"
        }
        try time("ever_rare_user") {
            $0.user = "user9876"
            $0.limit = 1_000_000
        }
        try time("ever_rare_user_newest") { $0.user = "user9876" }
        try time("ever_unknown_user") { $0.user = "nobody" }
        AuditBench.report(figures)
    }

    /// Takes what was read out of the page cache. SQLite's locks on the index go with the descriptors, and nobody else is
    /// there who would mind.
    private func forget() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let descriptor = open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileError(call: "open", path: name, code: errno) }
            posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
            close(descriptor)
        }
    }
}
