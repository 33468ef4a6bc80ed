import Foundation
import Testing

@testable import Crawling

@Suite struct KeytabTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(arguments: [0o400, 0o600])
    func keytabOfItsOwnerAloneIsTaken(mode: mode_t) throws {
        try Keytab.check(try keytab(mode))
    }

    @Test(arguments: [0o440, 0o404, 0o644, 0o620, 0o410])
    func keytabThatOthersCanUseIsRefused(mode: mode_t) throws {
        let path = try keytab(mode)
        let failure = #expect(throws: CrawlFailure.self) { try Keytab.check(path) }
        #expect(failure?.kind == .login)
        #expect(failure?.message.contains("chmod 0400") == true)
    }

    @Test func keytabThatIsNotThereOrNoFileIsRefused() {
        #expect(throws: CrawlFailure.self) { try Keytab.check(directory.file("none")) }
        #expect(throws: CrawlFailure.self) { try Keytab.check(directory.path) }
    }

    private func keytab(_ mode: mode_t) throws -> String {
        let path = directory.file("k.keytab")
        try Data("k".utf8).write(to: URL(fileURLWithPath: path))
        #expect(chmod(path, mode) == 0)
        return path
    }
}
