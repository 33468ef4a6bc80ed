import Foundation
import Identity
import Testing

@Suite struct KeytabTests {
    @Test(arguments: [0o400, 0o600])
    func keytabOfItsOwnerAloneIsTaken(mode: mode_t) throws {
        try withKeytab(mode) { path in try Keytab.check(path) }
    }

    @Test(arguments: [0o440, 0o404, 0o644, 0o620, 0o410])
    func keytabThatOthersCanUseIsRefused(mode: mode_t) throws {
        try withKeytab(mode) { path in
            let error = #expect(throws: KeytabError.self) { try Keytab.check(path) }
            #expect(error?.description.contains("chmod 0400") == true)
        }
    }

    @Test func keytabThatIsNotThereOrNoFileIsRefused() {
        let directory = FileManager.default.temporaryDirectory
        #expect(throws: KeytabError.self) { try Keytab.check(directory.appendingPathComponent(UUID().uuidString).path) }
        #expect(throws: KeytabError.self) { try Keytab.check(directory.path) }
    }

    private func withKeytab(_ mode: mode_t, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).keytab")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("k".utf8).write(to: file)
        #expect(chmod(file.path, mode) == 0)
        try body(file.path)
    }
}
