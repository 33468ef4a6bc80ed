import Audit
import Decision
import Foundation
import Glibc

/// `audit-bench generate DIRECTORY RECORDS [--batch N] [--pace SECONDS]`: writes a journal of made-up reads, as the
/// service writes it, and indexes it.
///
/// `audit-bench ask DIRECTORY`: asks it. Each prints one JSON object.
@main
enum AuditBench {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else { return usage() }
        func option(_ name: String) -> Int? {
            arguments.firstIndex(of: "--\(name)").flatMap { Int(arguments[$0 + 1]) }
        }
        switch arguments[0] {
        case "generate":
            guard arguments.count >= 3, let count = Int(arguments[2]) else { return usage() }
            try Generation(
                directory: arguments[1], count: count, batch: option("batch") ?? 16,
                isIndexed: !arguments.contains("--no-index")
            ).run()
        case "ask": try Asking(directory: arguments[1]).run()
        default: usage()
        }
    }

    private static func usage() {
        print("usage: audit-bench generate DIRECTORY RECORDS [--batch N] [--no-index] | ask DIRECTORY")
    }

    static func report(_ figures: [(String, Double)]) {
        let fields = figures.map { "\"\($0)\": \(String(format: "%.4g", $1))" }
        print("{\(fields.joined(separator: ", "))}")
    }
}

/// Seconds of CPU that a clock counts.
func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
