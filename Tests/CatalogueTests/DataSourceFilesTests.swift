import Catalogue
import RandomNumbers
import Testing

@Suite struct DataSourceFilesTests {
    @Test func dataSourceThatWasNeverCrawledIsToldFromOneWithoutTheFile() {
        let view = CatalogueView([7: DataSourceFiles(.empty)])
        let path = Array("/a".utf8)
        #expect(view.lookUp(dataSource: 7, path: path.span) == .unseen)
        #expect(view.lookUp(dataSource: 8, path: path.span) == .notCrawled)
    }

    /// Many crawls of parts, one on top of the other, say what one crawl of all at the end would.
    @Test func crawlsOfPartsAddUp() {
        var random = RandomNumbers(for: "crawlsOfPartsAddUp")
        var expected: [String: FileState] = [:]
        for number in 0..<500 { expected["/d/\(number)"] = .readable }
        var files = DataSourceFiles(table(expected))
        for _ in 0..<200 {
            var change: [String: FileState] = [:]
            for _ in 0..<random.below(10) {
                change["/d/\(random.below(700))"] = random.one(of: [.gone, .notReadable, .readable])
            }
            expected.merge(change) { $1 }
            files = files.updated(by: table(change))
        }
        for number in 0..<700 {
            let finding: CatalogueFinding =
                switch expected["/d/\(number)"] {
                case .readable: .readable
                case .notReadable: .notReadable
                case .gone, nil: .unseen
                }
            let path = Array("/d/\(number)".utf8)
            #expect(files.lookUp(path.span) == finding)
        }
    }

    private func table(_ states: [String: FileState]) -> FileTable {
        FileTable(
            states.map { path, state in
                let bytes = Array(path.utf8)
                return FileTable.Item(path: bytes.span, state: state, modificationTime: 0)
            })
    }
}
