import Policy
import Storage
import Testing

struct ApplyingTests {
    private let folder: TemporaryFolder
    private let store: PolicyStore

    init() throws {
        folder = try TemporaryFolder()
        store = try PolicyStore(path: folder.store)
    }

    @Test func everythingIsStored() throws {
        let applied = try store.replace(with: everything)
        #expect(applied.version == 1)
        #expect(applied.change == PolicyChange(from: PolicySet(), to: everything))
        #expect(try store.load().policySet == everything)
    }

    @Test func whatIsStoredIsGivenToBeTransformed() throws {
        try store.replace(with: everything)
        try store.apply(actor: "root", now: 0) { stored in
            #expect(stored == everything)
            return stored
        }
    }

    @Test func aChangeOfNothingMakesNoVersion() throws {
        try store.replace(with: everything)
        let applied = try store.replace(with: everything)
        #expect(applied.version == 1)
        #expect(applied.change.isEmpty)
        #expect(try store.history().count == 1)
    }

    @Test func everyFieldCanBeChangedAndBack() throws {
        try store.replace(with: everything)
        var other = everything
        other.groups[0].about = nil
        other.attributes.removeLast()
        other.users[0].attributes = ["country": ["IT"]]
        other.users[0].groups = []
        other.users[0].principal = nil
        other.users[0].enabled = true
        other.users[1].principal = "bob@EXAMPLE.COM"
        other.ignoredUsers = ["yarn"]
        other.dataSources[0].subscription = .individuals(users: ["bob"], groups: [])
        other.dataSources[1].subscription = .condition(.group("interns"))
        other.dataSources[1].credential = nil
        other.dataSources[1].tags = []
        other.dataSources[1].contact = nil
        other.dataSources[1].directories = ["/b/z"]
        other.dataSources[2].subscription = .individuals(users: [], groups: [])
        other.dataSources[2].kind = .table
        try store.replace(with: other)
        #expect(try store.load().policySet == other)
        try store.replace(with: everything)
        #expect(try store.load().policySet == everything)
    }

    @Test func everythingCanBeDeleted() throws {
        try store.replace(with: everything)
        try store.replace(with: PolicySet())
        #expect(try store.load() == StoredPolicy(version: 2))
    }

    @Test func anObjectChangesAtTheVersionThatChangesIt() throws {
        try store.replace(with: everything)
        var other = everything
        other.users[0].groups = ["analysts"]
        other.dataSources[2].contact = "me"
        try store.replace(with: other)
        let loaded = try store.load()
        #expect(loaded.users.map(\.changedAt) == [2, 1])
        #expect(loaded.dataSources.map(\.changedAt) == [1, 1, 2])
    }

    @Test func anObjectKeepsItsIdentifierAndTakesItWithIt() throws {
        let alice = PolicySet(users: [User(name: "alice")], dataSources: [Self.dataSource])
        let first = try loaded(after: alice)
        var changed = alice
        changed.users[0].enabled = false
        changed.dataSources[0].contact = "me"
        let second = try loaded(after: changed)
        #expect(second.users.map(\.id) == first.users.map(\.id))
        #expect(second.dataSources.map(\.id) == first.dataSources.map(\.id))
        try store.replace(with: PolicySet())
        let third = try loaded(after: alice)
        #expect(third.users[0].id > first.users[0].id)
        #expect(third.dataSources[0].id > first.dataSources[0].id)
    }

    @Test func textsThatDifferInTheirBytesAreStoredAsTheyAre() throws {
        var policies = PolicySet(dataSources: [Self.dataSource])
        for path in ["/caf\u{E9}", "/cafe\u{301}"] {
            policies.dataSources[0].directories = [path]
            try store.replace(with: policies)
            let stored = try store.load().dataSources[0].value.directories
            #expect(stored.map { Array($0.utf8) } == [Array(path.utf8)])
        }
        #expect(try store.version() == 2)
    }

    @Test func whatTheTransformThrowsIsThrownAndNothingIsChanged() throws {
        struct Refusal: Error {}
        try store.replace(with: everything)
        #expect(throws: Refusal.self) { try store.apply(actor: "root", now: 0) { _ in throw Refusal() } }
        #expect(try store.load().policySet == everything)
        #expect(try store.version() == 1)
    }

    @Test func anotherVersionThanExpectedIsAConflict() throws {
        try store.replace(with: everything)
        try store.replace(with: PolicySet())
        var called = false
        let error = complaint {
            try store.apply(expecting: 1, actor: "root", now: 0) { _ in
                called = true
                return everything
            }
        }
        #expect(error?.kind == .versionConflict)
        #expect(
            error?.message == "the policies are at version 2 and not at 1: somebody else was first; "
                + "nothing was changed, look at their change and apply yours again")
        #expect(!called)
        #expect(try store.load() == StoredPolicy(version: 2))
    }

    @Test func theVersionExpectedIsNone() throws {
        try store.apply(expecting: 0, actor: "root", now: 0) { _ in everything }
        #expect(try store.apply(expecting: 1, actor: "root", now: 0) { _ in PolicySet() }.version == 2)
    }

    @Test func namingWhatThereIsNotChangesNothing() throws {
        let error = complaint { try store.replace(with: PolicySet(users: [User(name: "a", groups: ["none"])])) }
        #expect(error?.message == "FOREIGN KEY constraint failed; nothing was changed")
        #expect(try store.load() == StoredPolicy())
    }

    private static let dataSource = DataSource(
        name: "a", kind: .files, directories: ["/a"], subscription: .anyone)

    private func loaded(after policies: PolicySet) throws -> StoredPolicy {
        try store.replace(with: policies)
        return try store.load()
    }
}
