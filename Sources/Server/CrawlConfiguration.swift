import Crawling
import StrictYAML
import Wording
import Yams

extension ReadingContext {
    /// The section `crawl`.
    ///
    /// - Parameter defaults: what holds where nothing is said.
    func crawls(_ node: Node, _ defaults: Crawls.Options) -> Crawls.Options? {
        let known = [
            "directory", "java", "jar", "hadoop-class-path", "java-options", "heap-megabytes", "calls-per-second",
            "threads", "at-once", "checks", "retry-seconds", "every-minutes", "intervals",
        ]
        guard let fields = fields(of: node, known: known) else { return nil }
        var options = defaults
        if let directory = fields.optional("directory", { $0.absolutePath($1) }) { options.directory = directory }
        options.command = command(fields)
        if let calls = fields.optional("calls-per-second", { $0.number($1, in: 0...1_000_000) }) {
            options.limits.callsPerSecond = calls
        }
        if let threads = fields.optional("threads", { $0.number($1, in: 1...64) }) { options.limits.threads = threads }
        if let checks = fields.optional("checks", { $0.number($1, in: 0...1_000_000) }) {
            options.limits.checks = checks
        }
        if let seconds = fields.optional("retry-seconds", { $0.number($1, in: 0...86_400) }) {
            options.limits.retrySeconds = seconds
        }
        if let most = fields.optional("at-once", { $0.number($1, in: 1...64) }) { options.mostRunning = most }
        if let minutes = fields.optional("every-minutes", { $0.minutes($1) }) { options.schedule.interval = minutes }
        if let intervals = fields.optional("intervals", { $0.intervals($1) }) { options.schedule.intervals = intervals }
        return options
    }

    private func command(_ fields: Fields) -> CrawlerCommand? {
        let java = fields.optional("java") { $0.absolutePath($1) } ?? "/usr/bin/java"
        let jar = fields.optional("jar") { $0.absolutePath($1) } ?? "/usr/lib/authorizer/authorizer-crawler.jar"
        let options = fields.optional("java-options") { $0.list($1) { $0.line($1) } } ?? []
        let heap = fields.optional("heap-megabytes") { $0.number($1, in: 64...65_536) } ?? 256
        guard let classPath = fields.required("hadoop-class-path", { $0.classPath($1) }) else { return nil }
        return CrawlerCommand(
            java: java, jar: jar, classPath: classPath, javaOptions: options.map(\.value), heapMegabytes: heap)
    }

    /// Longer than other texts: what `hadoop classpath` prints names each jar.
    private func classPath(_ node: Node) -> String? {
        text(node) { text in
            guard text.utf8.count <= 100_000 else {
                return "it has \(text.utf8.count) bytes; write `directory/*` for jars"
            }
            return text.contains(where: \.isNewline) || text.contains("\0") ? "write it on one line" : nil
        }
    }

    /// - Returns: milliseconds.
    private func minutes(_ node: Node) -> Int64? {
        number(node, in: 1...525_600).map { Int64($0) * 60_000 }
    }

    /// Names of data sources, each with its minutes.
    private func intervals(_ node: Node) -> [String: Int64]? {
        guard let pairs = mapping(node, expecting: "names of data sources, each with minutes") else { return nil }
        var intervals: [String: Int64] = [:]
        for (name, value) in pairs {
            guard let name = text(name), let minutes = inside(name).minutes(value) else { continue }
            intervals[name] = minutes
        }
        return intervals
    }
}
