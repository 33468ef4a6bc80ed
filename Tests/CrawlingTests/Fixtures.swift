import Catalogue
import Foundation

@testable import Crawling

/// A directory that goes with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("crawling-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A file as a test says it is.
struct TreeFile: Equatable {
    var size: Int64 = 1
    var time: Int64 = 1_000
    var owner = "etl"
    var isReadable = true
}

/// A tree of HDFS: directories by their paths, and in each the files by their names.
typealias Tree = [String: [String: TreeFile]]

/// The records that a crawler sends of a tree, as bytes: what ``CrawlRecordDecoder`` reads.
struct RecordBytes {
    var bytes: [UInt8] = []
    private var owners: [String] = []
    private var directories: UInt32 = 0

    init(reader: String = "etl", groups: [String] = ["users"]) {
        add(1, number(1) + text(reader) + [0] + number(UInt32(groups.count)) + groups.flatMap { text($0) })
    }

    mutating func add(_ type: UInt8, _ body: [UInt8]) {
        bytes += [type] + number(UInt32(body.count)) + body
    }

    /// All of a tree from a directory on, the directories after what is in them was found.
    mutating func add(_ tree: Tree, from start: String, descends: Bool = true) {
        let files = tree[start] ?? [:]
        let prefix = start == "/" ? "/" : start + "/"
        let below = tree.keys.filter { path in
            path != start && path.hasPrefix(prefix) && !path.dropFirst(prefix.count).contains("/")
        }
        begin(start)
        for (name, file) in files.sorted(by: { $0.key < $1.key }) { add(name, file) }
        for path in below.sorted() {
            add(
                5,
                number(directories) + text(String(path.dropFirst(prefix.count))) + number(permission("hdfs")) + wide(5))
        }
        end()
        guard descends else { return }
        for path in below.sorted() { add(tree, from: path) }
    }

    mutating func begin(_ path: String, adds: Bool = false) {
        directories += 1
        add(3, number(directories) + text(path) + [adds ? 1 : 0])
    }

    mutating func add(_ name: String, _ file: TreeFile) {
        let owner = permission(file.owner)
        add(
            4,
            number(directories) + text(name) + wide(file.size) + wide(file.time) + number(owner)
                + [file.isReadable ? 1 : 0])
    }

    mutating func end() { add(6, number(directories)) }

    mutating func addUnlisted(_ path: String, _ reason: UnlistedReason) {
        add(7, text(path) + [reason.rawValue] + text("why not"))
    }

    mutating func addEnd() { add(9, wide(42)) }

    private mutating func permission(_ owner: String) -> UInt32 {
        if let index = owners.firstIndex(of: owner) { return UInt32(index) }
        owners.append(owner)
        add(2, number(UInt32(owners.count - 1)) + text(owner) + text("staff") + number(0o640) + [0])
        return UInt32(owners.count - 1)
    }

    func number(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    func wide(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    func text(_ text: String) -> [UInt8] { number(UInt32(text.utf8.count)) + Array(text.utf8) }
}

extension StagedCrawl {
    /// Takes records as they come from a crawler.
    func take(_ records: RecordBytes) throws {
        var decoder = CrawlRecordDecoder()
        records.bytes.withUnsafeBytes { decoder.append($0) }
        try take({ try decoder.next() }, onProgress: { _, _ in })
    }
}

/// Crawls a tree and finishes that as the service does, without the crawler.
func stage(
    _ tree: Tree, from start: String, in path: String, crawl: Int64, scope: CrawlScope = .whole, root: String? = nil
) throws {
    let plan = CrawlPlan(roots: [Array((root ?? start).utf8)], descends: scope.descends, excluded: [])
    let staged = try StagedCrawl(path: path, crawl: crawl, plan: plan)
    try staged.begin(at: [start])
    var records = RecordBytes()
    if tree[start] == nil {
        records.addUnlisted(start, .gone)
    } else {
        records.add(tree, from: start, descends: scope.descends)
    }
    records.addEnd()
    try staged.take(records)
    try staged.close()
}

/// What a file of the catalogue says of each path.
func states(_ path: String, of tree: Tree...) throws -> [String: FileState] {
    let table = try CatalogueFile.load(path).table
    var states: [String: FileState] = [:]
    for (directory, files) in tree.flatMap({ $0 }) {
        for name in files.keys {
            let path = (directory == "/" ? "" : directory) + "/" + name
            let bytes = Array(path.utf8)
            states[path] = table.lookUp(bytes.span)?.state
        }
    }
    return states
}

/// What it should say.
func expectedStates(_ tree: Tree) -> [String: FileState] {
    var states: [String: FileState] = [:]
    for (directory, files) in tree {
        for (name, file) in files {
            states[(directory == "/" ? "" : directory) + "/" + name] = file.isReadable ? .readable : .notReadable
        }
    }
    return states
}
