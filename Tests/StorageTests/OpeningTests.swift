import Foundation
import Policy
import Storage
import Testing

struct OpeningTests {
    @Test func aNewStoreIsEmptyAndForItsOwnerOnly() throws {
        let folder = try TemporaryFolder()
        let store = try PolicyStore(path: folder.store)
        #expect(try store.policies() == PolicySet())
        #expect(try store.version() == 0)
        #expect(try store.history() == [])
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.store + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
        }
    }

    @Test func aStoreIsFoundAgainAsItWasLeft() throws {
        let folder = try TemporaryFolder()
        try PolicyStore(path: folder.store).replace(with: everything)
        let store = try PolicyStore(path: folder.store)
        #expect(try store.policies() == everything)
        #expect(try store.version() == 1)
    }

    @Test func aStoreWrittenByALaterReleaseIsRefusedAndLeftAlone() throws {
        let folder = try TemporaryFolder()
        try PolicyStore(path: folder.store).replace(with: everything)
        try folder.overwriteHeader(of: folder.store, at: 60, with: 99)
        let before = try folder.bytes(of: folder.store)
        let error = complaint { _ = try PolicyStore(path: folder.store) }
        #expect(error?.kind == .newer)
        #expect(
            error?.description == "policy store `\(folder.store)`: it has schema version 99, written by a later "
                + "release, and this release knows 2; install that release")
        #expect(try folder.bytes(of: folder.store) == before)
    }

    @Test func aDatabaseOfAnotherProgramIsRefusedAndLeftAlone() throws {
        let folder = try TemporaryFolder()
        try PolicyStore(path: folder.store).replace(with: everything)
        try folder.overwriteHeader(of: folder.store, at: 68, with: 0)
        let before = try folder.bytes(of: folder.store)
        let error = complaint { _ = try PolicyStore(path: folder.store) }
        #expect(error?.kind == .notAStore)
        #expect(error?.message == "the database belongs to another program; name another file")
        #expect(try folder.bytes(of: folder.store) == before)
    }

    @Test(arguments: ["just a text", String(repeating: "no database at all. ", count: 1000)])
    func aFileThatIsNoDatabaseIsRefusedAndLeftAlone(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(text.utf8), to: folder.store)
        let error = complaint { _ = try PolicyStore(path: folder.store) }
        #expect(error?.kind == .notAStore)
        #expect(error?.message == "the file is not a database; name another file")
        #expect(try folder.bytes(of: folder.store) == Data(text.utf8))
    }

    @Test func aDirectoryIsRefused() throws {
        let folder = try TemporaryFolder()
        let error = complaint { _ = try PolicyStore(path: folder.path) }
        #expect(error?.kind == .notAStore)
        #expect(error?.message == "it is a directory; name a file in it or another path")
    }

    @Test func aPathWithoutADirectoryIsRefused() throws {
        let folder = try TemporaryFolder()
        let error = complaint { _ = try PolicyStore(path: "\(folder.path)/none/policy.db") }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.message == "its directory does not exist; create it")
    }

    @Test func aPathThroughAFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(), to: "\(folder.path)/file")
        let error = complaint { _ = try PolicyStore(path: "\(folder.path)/file/policy.db") }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.message == "its path leads through a file; name another one")
    }

    @Test func aDamagedStoreIsToldOf() throws {
        let folder = try TemporaryFolder()
        try PolicyStore(path: folder.store).replace(with: everything)
        var bytes = try folder.bytes(of: folder.store)
        bytes.replaceSubrange(4096..<bytes.count, with: Data(repeating: 0x5A, count: bytes.count - 4096))
        try folder.write(bytes, to: folder.store)
        let error = complaint { _ = try PolicyStore(path: folder.store).policies() }
        #expect(error?.kind == .damaged)
        #expect(error?.message.hasSuffix("; restore it from a backup") == true)
    }
}
