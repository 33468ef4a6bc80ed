import Catalogue
import RandomNumbers
import Testing

@Suite struct FileTableTests {
    @Test func emptyTableKnowsNothing() {
        #expect(find("/a", in: .empty) == nil)
    }
}
func find(_ path: String, in table: FileTable) -> FileState? {
    let bytes = Array(path.utf8)
    return table.lookUp(bytes.span)?.state
}
