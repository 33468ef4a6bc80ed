import Catalogue
import RandomNumbers
import Testing

@Suite struct FileTableTests {
    @Test func emptyTableKnowsNothing() {
        #expect(state(of: "/a", in: .empty) == nil)
    }

    @Test(arguments: [1, 2, 15, 16, 17, 33, 1_000, 100_000])
    func everyFileIsFoundAsItWasPutIn(count: Int) {
        var random = RandomNumbers(for: "everyFileIsFoundAsItWasPutIn")
        var expected: [String: FileState] = [:]
        for number in 0..<count {
            expected["/data/\(number % 7)/part-\(number)"] = random.one(of: [.gone, .notReadable, .readable])
        }
        let table = FileTable(expected.map { item($0.key, $0.value) })
        #expect(table.count == count)
        #expect(expected.allSatisfy { state(of: $0.key, in: table) == $0.value })
        #expect((0..<1_000).allSatisfy { state(of: "/data/0/none-\($0)", in: table) == nil })
    }

    @Test func pathIsFoundWithItsModificationTimeInSeconds() {
        let table = FileTable([item("/a", .readable, time: 1_700_000_000_999)])
        let bytes = Array("/a".utf8)
        #expect(table.lookUp(bytes.span)?.modificationTime == 1_700_000_000)
    }

    @Test func ofTwoSayingsAboutAPathTheStricterCounts() {
        let table = FileTable([item("/a", .readable), item("/a", .notReadable)])
        #expect(table.count == 1)
        #expect(state(of: "/a", in: table) == .notReadable)
    }

    @Test(arguments: ["/a\nb", "/a'b\"c`d", "/💾/𐍈", "/ü", "/u\u{308}", "/" + String(repeating: "x", count: 8_000)])
    func hostileNamesAreNamesLikeOthers(path: String) {
        let table = FileTable([item(path, .readable), item("/a", .notReadable)])
        #expect(state(of: path, in: table) == .readable)
        #expect(state(of: path + "x", in: table) == nil)
    }

    @Test func namesThatUnicodeTakesForTheSameAreDifferentFiles() {
        #expect(state(of: "/u\u{308}", in: FileTable([item("/ü", .readable)])) == nil)
    }

    @Test func memoryIsAsTheDocumentationSays() {
        let table = FileTable((0..<200_000).map { item("/data/\($0)", .readable) })
        #expect(Double(table.byteCount) / Double(table.count) < 12.6)
    }

    private func item(_ path: String, _ state: FileState, time: Int64 = 0) -> FileTable.Item {
        let bytes = Array(path.utf8)
        return FileTable.Item(path: bytes.span, state: state, modificationTime: time)
    }

    private func state(of path: String, in table: FileTable) -> FileState? {
        let bytes = Array(path.utf8)
        return table.lookUp(bytes.span)?.state
    }
}
