import Audit
import Foundation
import Glibc

/// `audit-bench generate DIRECTORY RECORDS [--batch N]`: writes a journal of made-up reads, as the service writes it,
/// and indexes it.
///
/// `audit-bench ask DIRECTORY`: asks it.
///
/// `audit-bench compress DIRECTORY`: compresses all of its segments but the last.
///
/// `audit-bench path DIRECTORY RECORDS ROUNDS`: measures what a record costs, in files that are gone afterwards.
///
/// Prints JSON objects, one a line.
@main
enum AuditBench {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.dropFirst(2).compactMap { Int($0) }
        switch (arguments.first, arguments.count, numbers.count) {
        case ("generate", 3, 1): try Generation(directory: arguments[1], count: numbers[0], batch: 16).run()
        case ("generate", 5, 2) where arguments[3] == "--batch":
            try Generation(directory: arguments[1], count: numbers[0], batch: numbers[1]).run()
        case ("ask", 2, _): try Asking(directory: arguments[1]).run()
        case ("compress", 2, _): try Compressing(directory: arguments[1]).run()
        case ("path", 4, 2):
            try JournalPath(directory: arguments[1], records: numbers[0], rounds: numbers[1]).run()
        default:
            end(
                """
                usage: audit-bench generate DIRECTORY RECORDS [--batch N] | ask DIRECTORY | compress DIRECTORY
                       audit-bench path DIRECTORY RECORDS ROUNDS
                """)
        }
    }

    /// Ends the program: something went wrong.
    static func end(_ message: String) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(1)
    }

    static func report(_ figures: [(String, Double)]) {
        let fields = figures.map { "\"\($0)\": \(String(format: "%.6g", $1))" }
        print("{\(fields.joined(separator: ", "))}")
        fflush(nil)
    }
}

/// Seconds of CPU that a clock counts.
func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
