import Policy
import Storage
import Testing

struct FullDiskTests {
    @Test func changesNothingAndIsTold() throws {
        let folder = try TemporaryFolder()
        try PolicyStore(path: folder.store).replace(with: everything)
        let store = try PolicyStore(path: folder.store, options: .init(maximumPages: 40))
        let error = complaint { try store.replace(with: Self.many) }
        #expect(error?.kind == .full)
        #expect(error?.message == "no room is left; nothing was changed, free some space and try again")
        #expect(try store.policies() == everything)
        #expect(try store.version() == 1)
    }

    @Test func isOverWhenThereIsRoomAgain() throws {
        let folder = try TemporaryFolder()
        let full = try PolicyStore(path: folder.store, options: .init(maximumPages: 40))
        #expect(complaint { try full.replace(with: Self.many) }?.kind == .full)
        try full.replace(with: everything)
        #expect(try full.policies() == everything)
        try PolicyStore(path: folder.store).replace(with: Self.many)
        #expect(try full.policies() == Self.many)
    }

    @Test func keepsAStoreFromBeingMade() throws {
        let folder = try TemporaryFolder()
        let error = complaint { _ = try PolicyStore(path: folder.store, options: .init(maximumPages: 3)) }
        #expect(error?.kind == .full)
        #expect(try PolicyStore(path: folder.store).policies() == PolicySet())
    }

    private static let many = PolicySet(users: (100_000..<101_000).map { User(name: "user\($0)") })
}
