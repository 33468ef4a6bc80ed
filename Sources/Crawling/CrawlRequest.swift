/// What the crawler is asked to do: the first bytes on its standard input. `docs/crawl.md` has the layout.
struct CrawlRequest: Sendable {
    static let magic: UInt32 = 0x415A_4352
    static let version: UInt32 = 1

    /// Empty on a cluster without Kerberos.
    var principal: String
    var keytab: String
    var threads: Int
    /// Calls to the NameNode in a second; 0 for no limit.
    var callsPerSecond: Int
    /// How many files are compared with HDFS's own answer.
    var checks: Int
    /// How long calls that fail are tried again, in seconds.
    var retrySeconds: Int
    /// Whether directories in directories are crawled.
    var descends: Bool
    /// Paths that are left out, with all below them.
    var excluded: [String]
    /// Paths where the crawl begins.
    var starts: [String]

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func write(_ value: UInt32) {
            for shift in stride(from: 24, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        func write(_ text: String) {
            write(UInt32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        write(Self.magic)
        write(Self.version)
        write(principal)
        write(keytab)
        for number in [threads, callsPerSecond, checks, retrySeconds, descends ? 1 : 0] {
            write(UInt32(clamping: number))
        }
        for paths in [excluded, starts] {
            write(UInt32(paths.count))
            for path in paths { write(path) }
        }
        return bytes
    }
}
