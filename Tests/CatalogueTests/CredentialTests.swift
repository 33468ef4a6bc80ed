import Catalogue
import Testing

@Suite struct CredentialTests {
    private static let etl = Credential(
        shortName: Array("etl".utf8), groups: [Array("etl".utf8), Array("staff".utf8)], isSuperuser: false)

    private static let open = inode("hdfs", "hdfs", 0o711)

    /// Owner, group, mode, entries; whether `etl`, of the groups `etl` and `staff`, may read.
    private static let files: [(InodePermission, Bool)] = [
        (inode("etl", "x", 0o400), true), (inode("etl", "x", 0o377), false), (inode("x", "staff", 0o040), true),
        // The first that matches decides, also against.
        (inode("x", "staff", 0o707), false), (inode("x", "x", 0o004), true), (inode("x", "x", 0o770), false),
        (inode("x", "x", 0o640, [user("etl", 4)]), true), (inode("x", "x", 0o670, [user("etl", 3)]), false),
        // The mask takes away.
        (inode("x", "x", 0o630, [user("etl", 7)]), false), (inode("x", "x", 0o634, [user("etl", 7)]), false),
        // The owner is not asked about by entries.
        (inode("etl", "x", 0o074, [user("etl", 7)]), false),
        // A user's entry ends the search; of several groups one is enough.
        (inode("x", "x", 0o670, [user("etl", 0), group("staff", 7)]), false),
        (inode("x", "x", 0o670, [group("etl", 0), group("staff", 4)]), true),
        (inode("x", "staff", 0o670, [group("", 4)]), true), (inode("x", "x", 0o674, [group("", 0)]), true),
        // Whom an entry concerns, the other bits do not.
        (inode("x", "x", 0o674, [group("staff", 0)]), false),
        (inode("x", "x", 0o674, [user("ann", 0), group("b", 0)]), true),
        (inode("x", "x", 0o670, [user("ann", 7), group("b", 7)]), false),
    ]

    @Test(arguments: files)
    func fileItself(file: InodePermission, isReadable: Bool) {
        #expect(Self.etl.mayRead([Self.open, file]) == isReadable)
    }

    @Test func everyDirectoryOnTheWayHasToBeOpen() {
        let file = Self.inode("etl", "etl", 0o400)
        #expect(Self.etl.mayRead([Self.open, Self.open, file]))
        #expect(!Self.etl.mayRead([Self.open, Self.inode("x", "x", 0o776), Self.open, file]))
        #expect(!Self.etl.mayRead([Self.inode("x", "staff", 0o705), file]))
        #expect(Self.etl.mayRead([Self.inode("x", "x", 0o710, [Self.user("etl", 1)]), file]))
        #expect(!Self.etl.mayRead([Self.inode("x", "x", 0o741, [Self.user("etl", 1)]), file]))
    }

    @Test func superusersReadEverythingAndNobodyReadsNothing() {
        let closed = [Self.inode("x", "x", 0), Self.inode("x", "x", 0)]
        #expect(Credential(shortName: [], groups: [], isSuperuser: true).mayRead(closed))
        #expect(!Self.etl.mayRead(closed))
        #expect(!Credential(shortName: [], groups: [], isSuperuser: true).mayRead([]))
    }

    private static func inode(
        _ owner: String, _ group: String, _ mode: UInt16, _ entries: [InodePermission.Entry] = []
    ) -> InodePermission {
        InodePermission(owner: Array(owner.utf8), group: Array(group.utf8), mode: mode, entries: entries)
    }

    private static func user(_ name: String, _ permission: UInt16) -> InodePermission.Entry {
        .init(kind: .user, name: Array(name.utf8), permission: permission)
    }

    private static func group(_ name: String, _ permission: UInt16) -> InodePermission.Entry {
        .init(kind: .group, name: Array(name.utf8), permission: permission)
    }
}
