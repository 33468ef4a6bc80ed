import Crawling
import Foundation
import Wording

/// Crawls in words.
enum CrawlText {
    /// One line on how far a crawl is, with a bar where the last crawl tells how far there is to go.
    static func progress(of crawl: Crawl, now: Date) -> String {
        guard crawl.state == .running, let startedAt = crawl.startedAt else {
            return "\(crawl.dataSource): waits for other crawls"
        }
        let seconds = max(0.001, now.timeIntervalSince1970 - Double(startedAt) / 1_000)
        var parts = [
            "\(crawl.files) files", "\(Int(Double(crawl.files) / seconds)) per second",
            "\(crawl.directoriesToGo.map { "\($0)" } ?? "?") directories to go",
        ]
        if let left = secondsLeft(crawl, seconds) { parts.append("about \(duration(left)) left") }
        if let pace = crawl.pace, pace < 1_000 { parts.append("slowed to \(pace / 10) % for the NameNode's sake") }
        if let trouble = crawl.trouble { parts.append(printable(trouble)) }
        return "\(crawl.dataSource): \(bar(crawl))\(parts.joined(separator: ", "))"
    }

    /// How a crawl ended, in lines.
    static func end(of crawl: Crawl) -> [String] {
        let what = crawl.scope == .whole ? crawl.dataSource : "\(crawl.dataSource), \(crawl.scope.words)"
        guard crawl.state == .done else {
            let why = crawl.failure.map { ": \(printable($0.message))" } ?? ""
            return ["\(what): \(crawl.state.rawValue)\(why)"]
        }
        let took = duration(Double((crawl.endedAt ?? 0) - (crawl.startedAt ?? 0)) / 1_000)
        return [
            """
            \(what): \(crawl.files) files in \(crawl.directories) directories, \(crawl.readable) readable, in \(took), \
            with \(crawl.calls) calls to the NameNode
            """,
            "  \(crawl.change?.words ?? "applied before the service was restarted")",
        ]
    }

    /// Everything about a crawl, in lines.
    static func details(of crawl: Crawl) -> [String] {
        var lines = [
            "crawl \(crawl.id) of \(crawl.dataSource): \(crawl.state.rawValue)",
            "  what          \(crawl.scope.words)",
            "  why           \(crawl.cause.rawValue)\(crawl.requestedBy.map { ", by \($0)" } ?? "")",
            "  asked for     \(time(crawl.queuedAt))",
        ]
        if let time = crawl.startedAt { lines.append("  began         \(self.time(time))") }
        if let time = crawl.endedAt { lines.append("  ended         \(self.time(time))") }
        if crawl.runs > 1 {
            lines.append("  runs          \(crawl.runs): it was interrupted, and went on where it was")
        }
        if let words = crawl.interruption { lines.append("  interrupted   \(printable(words))") }
        lines.append("  files         \(crawl.files), \(crawl.readable) of them readable")
        lines.append("  directories   \(crawl.directories), and \(crawl.closed) that the credential may not list")
        lines.append("  calls         \(crawl.calls)")
        if let failure = crawl.failure { lines.append("  failed        \(printable(failure.message))") }
        if let left = crawl.directoriesToGo { lines.append("  to go         \(left) directories") }
        if let trouble = crawl.trouble { lines.append("  waits         \(printable(trouble))") }
        if let change = crawl.change { lines += Self.lines(of: change) }
        return lines
    }

    private static func lines(of change: CatalogueChange) -> [String] {
        let kinds = [
            ("added", change.added), ("gone", change.gone), ("changed", change.changed),
            ("newly readable", change.newlyReadable), ("no longer readable", change.noLongerReadable),
        ]
        return kinds.flatMap { name, kind -> [String] in
            let title = "  " + name.padding(toLength: 14, withPad: " ", startingAt: 0)
            let more = kind.count > UInt64(kind.examples.count) ? ["    ..."] : []
            return ["\(title)\(name.count > 13 ? " " : "")\(kind.count)"]
                + kind.examples.map { "    \(printable($0))" } + (kind.examples.isEmpty ? [] : more)
        }
    }

    /// One line of a list.
    static func line(of crawl: Crawl) -> String {
        let result = crawl.state == .done ? crawl.change?.words ?? "" : printable(crawl.failure?.message ?? "")
        return """
            \(crawl.id)  \(crawl.dataSource)  \(crawl.state.rawValue)  \(time(crawl.queuedAt))  \(crawl.cause.rawValue)  \
            \(printable(crawl.scope.words))  \(crawl.files) files  \(result)
            """
    }

    /// A path on one line, with nothing in it that could disturb a terminal.
    static func printable(_ text: String) -> String {
        text.unicodeScalars.map { isDisruptive($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return String(format: "%.1f s", seconds) }
        return whole < 3_600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    }

    /// By the number of files of the last crawl, and by its pace where this one has not come far.
    private static func secondsLeft(_ crawl: Crawl, _ seconds: Double) -> Double? {
        guard crawl.scope == .whole, let total = crawl.filesLastTime, total > 0 else { return nil }
        let done = min(1, Double(crawl.files) / Double(total))
        if done < 0.02 { return crawl.millisecondsLastTime.map { max(0, Double($0) / 1_000 - seconds) } }
        return seconds / done - seconds
    }

    private static func bar(_ crawl: Crawl) -> String {
        guard crawl.scope == .whole, let total = crawl.filesLastTime, total > 0 else { return "" }
        let filled = Int(20 * min(1, Double(crawl.files) / Double(total)))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: " ", count: 20 - filled))] "
    }
}
