import RandomNumbers
import Testing

@testable import Decision

@Suite("Cover")
struct CoverTests {
    @Test(arguments: [
        ("/data/a", ["a"]), ("/data/a/b", ["a"]), ("/data/a/b/c/d", ["a"]), ("/data/ab", []), ("/data/a.b", []),
        ("/data", []), ("/", []), ("/data/A", []), ("/x/data/a", []),
    ])
    func directoryCoversItselfAndWholeComponentsBelow(path: String, expected: [String]) {
        #expect(covering(path, ["a": ["/data/a"]]) == expected)
    }

    @Test(arguments: [
        ("/data", ["outer"]), ("/data/x", ["outer"]), ("/data/a", ["inner"]), ("/data/a/b", ["inner"]),
        ("/data/a/b/deep", ["file"]), ("/data/a/b/deeper", ["inner"]),
    ])
    func deepestDirectoryWins(path: String, expected: [String]) {
        let sources: KeyValuePairs = ["outer": ["/data"], "inner": ["/data/a"], "file": ["/data/a/b/deep"]]
        #expect(covering(path, sources) == expected)
    }

    @Test func rootCoversEverythingThatNothingDeeperCovers() {
        let sources: KeyValuePairs = ["root": ["/"], "a": ["/a"]]
        #expect(covering("/", sources) == ["root"])
        #expect(covering("/b/c", sources) == ["root"])
        #expect(covering("/a/c", sources) == ["a"])
    }

    @Test func nothingCoversAnythingWithoutDataSources() {
        #expect(covering("/", [:]) == [])
        #expect(covering("/a", ["empty": []]) == [])
    }

    @Test func sharedDirectoryIsCoveredByAllThatShareIt() {
        let sources: KeyValuePairs = ["a": ["/shared", "/a"], "b": ["/b", "/shared"], "c": ["/shared"]]
        #expect(covering("/shared/x", sources) == ["a", "b", "c"])
        #expect(covering("/a/x", sources) == ["a"])
    }

    @Test func equalGroupsAreTheSameDataSourcesAndDifferentGroupsAreNot() {
        let cover = Cover(directories: [["/one", "/two"], ["/two", "/one", "/three"], ["/three"]])
        let groups = ["/one", "/two", "/three"].map { cover.group(of: Array($0.utf8).span) }
        #expect(groups[0] == groups[1])
        #expect(groups[0] != groups[2])
        #expect(cover.groups.count == 2)
    }

    @Test func directoryGivenTwiceCountsOnce() {
        #expect(covering("/a", ["a": ["/a", "/a"]]) == ["a"])
    }

    /// Unicode takes the two for the same text; HDFS has a directory of each name.
    @Test(arguments: ["/caf\u{E9}", "/cafe\u{301}"])
    func bothSpellingsOfANameAreCovered(path: String) {
        #expect(covering(path, ["a": ["/caf\u{E9}", "/cafe\u{301}"]]) == ["a"])
        #expect(covering("/cafe", ["a": ["/caf\u{E9}", "/cafe\u{301}"]]) == [])
    }

    @Test(arguments: [
        ("/", ["/a", "/a/b", "/a/b/c", "/a-b", "/ab"]), ("/a", ["/a/b", "/a/b/c"]), ("/a/b", ["/a/b/c"]),
        ("/a/b/c", []), ("/z", []),
    ])
    func entriesBelowAreThoseStrictlyBelow(path: String, expected: [String]) {
        let cover = Cover(directories: [["/", "/a", "/a/b"], ["/ab", "/a-b", "/a/b/c"]])
        let below = cover.entries(below: Array(path.utf8)).map { String(decoding: $0.path, as: UTF8.self) }
        #expect(below.sorted() == expected.sorted())
    }

    /// Every answer compared with a scan over all directories.
    @Test func coverAgreesWithAScanOverAllDirectories() {
        var random = RandomNumbers(for: "cover")
        for _ in 0..<200 {
            let sources = (0..<random.below(12)).map { _ in (0..<random.below(5)).map { _ in random.treePath() } }
            let cover = Cover(directories: sources)
            for _ in 0..<100 {
                let path = random.treePath()
                let group = cover.group(of: Array(path.utf8).span).map { cover.groups[Int($0)] } ?? []
                #expect(group == scan(sources, path), "`\(path)` in \(sources), seed \(random.seed)")
                let below = cover.entries(below: Array(path.utf8)).map { String(decoding: $0.path, as: UTF8.self) }
                #expect(
                    Set(below) == Set(sources.joined().filter { $0 != path && isBelow($0, path) }),
                    "`\(path)` in \(sources), seed \(random.seed)")
            }
        }
    }

    private func covering(_ path: String, _ sources: KeyValuePairs<String, [String]>) -> [String] {
        let cover = Cover(directories: sources.map(\.value))
        guard let group = cover.group(of: Array(path.utf8).span) else { return [] }
        return cover.groups[Int(group)].map { sources[$0].key }
    }

    private func scan(_ sources: [[String]], _ path: String) -> [Int] {
        let deepest = sources.joined().filter { isBelow(path, $0) }.max { $0.count < $1.count }
        return sources.indices.filter { index in deepest.map(sources[index].contains) ?? false }
    }

    private func isBelow(_ path: String, _ directory: String) -> Bool {
        directory == "/" || path == directory || path.hasPrefix(directory + "/")
    }
}

extension RandomNumbers {
    /// A path in a tree that is small enough for paths to meet.
    fileprivate mutating func treePath() -> String {
        let components = (0..<below(5)).map { _ in one(of: ["a", "b", "ab", "a-", "é"]) }
        return "/" + components.joined(separator: "/")
    }
}
