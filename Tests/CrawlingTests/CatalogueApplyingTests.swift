import Catalogue
import RandomNumbers
import Testing

@testable import Crawling

@Suite struct CatalogueApplyingTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func firstCrawlAddsEverything() throws {
        let tree: Tree = ["/d": ["a": TreeFile(), "b": TreeFile(isReadable: false)], "/d/e": ["c": TreeFile()]]
        try stage(tree, from: "/d", in: directory.file("1"), crawl: 1)
        let change = try CatalogueApplying.finish(staged: directory.file("1"), crawl: 1, inForce: nil)
        #expect(change.added.count == 3)
        #expect(Set(change.added.examples) == ["/d/a", "/d/b", "/d/e/c"])
        #expect(change.gone.count == 0)
        #expect(try states(directory.file("1"), of: tree) == expectedStates(tree))
    }

    @Test func secondCrawlSaysWhatIsDifferent() throws {
        let before: Tree = [
            "/d": ["same": TreeFile(), "grown": TreeFile(), "gone": TreeFile(), "hidden": TreeFile()],
            "/d/e": ["shown": TreeFile(isReadable: false), "chowned": TreeFile()], "/d/left": ["x": TreeFile()],
        ]
        let after: Tree = [
            "/d": [
                "same": TreeFile(), "grown": TreeFile(size: 2), "hidden": TreeFile(isReadable: false),
                "new": TreeFile(),
            ],
            "/d/e": ["shown": TreeFile(), "chowned": TreeFile(owner: "bob")],
        ]
        try stage(before, from: "/d", in: directory.file("1"), crawl: 1)
        _ = try CatalogueApplying.finish(staged: directory.file("1"), crawl: 1, inForce: nil)
        try stage(after, from: "/d", in: directory.file("2"), crawl: 2)
        let change = try CatalogueApplying.finish(staged: directory.file("2"), crawl: 2, inForce: directory.file("1"))
        #expect(change.added.examples == ["/d/new"])
        #expect(Set(change.gone.examples) == ["/d/gone", "/d/left/x"])
        #expect(change.gone.count == 2)
        #expect(Set(change.changed.examples) == ["/d/grown", "/d/e/chowned"])
        #expect(change.newlyReadable.examples == ["/d/e/shown"])
        #expect(change.noLongerReadable.examples == ["/d/hidden"])
        #expect(try states(directory.file("2"), of: before, after) == expectedStates(after))
    }

    @Test func crawlOfAPartChangesThatPartAlone() throws {
        let before: Tree = ["/d": ["a": TreeFile()], "/d/e": ["b": TreeFile()], "/d/ef": ["c": TreeFile()]]
        var after = before
        after["/d"] = ["new": TreeFile()]
        after["/d/e"] = ["b2": TreeFile(isReadable: false)]
        after["/d/e/f"] = ["deep": TreeFile()]
        after["/d/ef"] = [:]
        try stage(before, from: "/d", in: directory.file("1"), crawl: 1)
        _ = try CatalogueApplying.finish(staged: directory.file("1"), crawl: 1, inForce: nil)
        try stage(after, from: "/d/e", in: directory.file("2"), crawl: 2, scope: .subtree("/d/e"), root: "/d")
        let applied = try CatalogueApplying.apply(
            staged: directory.file("2"), scope: .subtree("/d/e"), crawl: 2, inForce: directory.file("1"))
        #expect(applied?.change.added.count == 2)
        #expect(applied?.change.gone.examples == ["/d/e/b"])
        #expect(
            try states(directory.file("1"), of: before, after) == [
                "/d/a": .readable, "/d/e/b2": .notReadable, "/d/e/f/deep": .readable, "/d/ef/c": .readable,
            ])
        let again = try CatalogueApplying.apply(
            staged: directory.file("2"), scope: .subtree("/d/e"), crawl: 2, inForce: directory.file("1"))
        #expect(again == nil, "a crawl is applied once")
    }

    /// Random trees, crawled whole, in parts and one level deep: the catalogue and the table that decisions use follow.
    @Test func randomCrawlsLeaveTheCatalogueAsTheTreeIs() throws {
        var random = RandomNumbers(for: "randomCrawlsLeaveTheCatalogueAsTheTreeIs")
        var tree: Tree = ["/d": [:]]
        try stage(tree, from: "/d", in: directory.file("whole-0"), crawl: 1)
        _ = try CatalogueApplying.finish(staged: directory.file("whole-0"), crawl: 1, inForce: nil)
        var inForce = directory.file("whole-0")
        var files = DataSourceFiles(try CatalogueFile.load(inForce).table)
        var known = tree
        var seen = tree
        for round in 1...60 {
            mutate(&tree, &random)
            seen.merge(tree) { $0.merging($1) { $1 } }
            let staged = directory.file("crawl-\(round)")
            if random.chance(3) {
                try stage(tree, from: "/d", in: staged, crawl: Int64(round + 1))
                let change = try CatalogueApplying.finish(staged: staged, crawl: Int64(round + 1), inForce: inForce)
                #expect(change.added.count == count(tree, without: known))
                #expect(change.gone.count == count(known, without: tree))
                CatalogueFile.remove(inForce)
                inForce = staged
                files = DataSourceFiles(try CatalogueFile.load(inForce).table)
                known = tree
            } else {
                let path = random.one(of: Array(known.keys))
                let scope: CrawlScope = random.chance(2) ? .subtree(path) : .directories([path])
                try stage(tree, from: path, in: staged, crawl: Int64(round + 1), scope: scope, root: "/d")
                let applied = try #require(
                    try CatalogueApplying.apply(staged: staged, scope: scope, crawl: Int64(round + 1), inForce: inForce)
                )
                files = files.updated(by: applied.files.table)
                for (directory, _) in known where isIn(scope, directory) { known[directory] = nil }
                for (directory, inside) in tree where isIn(scope, directory) { known[directory] = inside }
            }
            let expected = expectedStates(known)
            #expect(try states(inForce, of: seen) == expected, "round \(round)")
            for path in expectedStates(seen).keys {
                let bytes = Array(path.utf8)
                let finding: CatalogueFinding =
                    expected[path].map { $0 == .readable ? .readable : .notReadable } ?? .unseen
                #expect(files.lookUp(bytes.span) == finding)
            }
        }
    }

    private func isIn(_ scope: CrawlScope, _ directory: String) -> Bool {
        switch scope {
        case .whole: true
        case .subtree(let path): CrawlScope.isSame(directory, asOrBelow: path)
        case .directories(let paths): paths.contains(directory)
        }
    }

    private func count(_ tree: Tree, without other: Tree) -> UInt64 {
        UInt64(Set(expectedStates(tree).keys).subtracting(expectedStates(other).keys).count)
    }

    private func mutate(_ tree: inout Tree, _ random: inout RandomNumbers) {
        for _ in 0..<1 + random.below(8) {
            let path = random.one(of: Array(tree.keys))
            let name = random.one(of: ["a", "b\n", "c'\"", "💾", "%00", "ü", "x y"])
            switch random.below(5) {
            case 0: tree["\(path)/\(name)"] = tree["\(path)/\(name)"] ?? [:]
            case 1 where path != "/d":
                for inner in tree.keys where CrawlScope.isSame(inner, asOrBelow: path) { tree[inner] = nil }
            case 2: tree[path]?["\(name).gz"] = nil
            default: tree[path]?["\(name).gz"] = TreeFile(size: Int64(random.below(3)), isReadable: random.chance(2))
            }
        }
    }
}
