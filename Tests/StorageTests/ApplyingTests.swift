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
        #expect(try store.policies() == everything)
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
        other.users[0].suspendedUntil = nil
        other.users[1].suspendedUntil = Instant(milliseconds: 1)
        other.purposes[0].about = nil
        other.tags[0].implies = []
        other.tags[0].components = ["x", "y"]
        other.dataSources[0].subscription = .individuals(users: ["bob"], groups: [])
        other.dataSources[1].subscription = .approval(ApprovalTerms())
        other.dataSources[1].masks.removeLast()
        other.dataSources[1].exceptions = []
        other.dataSources[2].subscription = .condition(.group("interns"))
        other.dataSources[2].credential = nil
        other.dataSources[2].tags = []
        other.dataSources[2].contact = nil
        other.dataSources[2].directories = ["/b/z"]
        other.dataSources[2].purposes = ["tests"]
        other.dataSources[2].fileRules[0].except = nil
        other.dataSources[3].subscription = .individuals(Roster(users: ["bob": Instant(milliseconds: 7)]))
        other.dataSources[3].kind = .table
        other.projects[0].members = Roster()
        other.projects[0].purposes = ["tests"]
        other.globalPolicies[0].subscription = nil
        other.globalPolicies[0].masks = []
        try store.replace(with: other)
        #expect(try store.policies() == other)
        try store.replace(with: everything)
        #expect(try store.policies() == everything)
    }

    @Test func everythingCanBeDeleted() throws {
        try store.replace(with: everything)
        try store.replace(with: PolicySet())
        #expect(try store.policies() == PolicySet())
        #expect(try store.version() == 2)
    }

    @Test func anObjectChangesAtTheVersionThatChangesIt() throws {
        try store.replace(with: everything)
        var other = everything
        other.users[0].groups = ["analysts"]
        other.dataSources[3].contact = "me"
        try store.replace(with: other)
        #expect(try store.users().map(\.changedAt) == [2, 1])
        #expect(try store.dataSources().map(\.changedAt) == [1, 1, 1, 2])
    }

    @Test func anObjectKeepsItsIdentifierAndTakesItWithIt() throws {
        let alice = PolicySet(users: [User(name: "alice")], dataSources: [Self.dataSource])
        try store.replace(with: alice)
        let first = (try store.users(), try store.dataSources())
        var changed = alice
        changed.users[0].enabled = false
        changed.dataSources[0].contact = "me"
        try store.replace(with: changed)
        #expect(try store.users().map(\.id) == first.0.map(\.id))
        #expect(try store.dataSources().map(\.id) == first.1.map(\.id))
        try store.replace(with: PolicySet())
        try store.replace(with: alice)
        #expect(try store.users()[0].id > first.0[0].id)
        #expect(try store.dataSources()[0].id > first.1[0].id)
    }

    @Test func textsThatDifferInTheirBytesAreStoredAsTheyAre() throws {
        var policies = PolicySet(dataSources: [Self.dataSource])
        for path in ["/caf\u{E9}", "/cafe\u{301}"] {
            policies.dataSources[0].directories = [path]
            try store.replace(with: policies)
            let stored = try store.policies().dataSources[0].directories
            #expect(stored.map { Array($0.utf8) } == [Array(path.utf8)])
        }
        #expect(try store.version() == 2)
    }

    @Test func whatTheTransformThrowsIsThrownAndNothingIsChanged() throws {
        struct Refusal: Error {}
        try store.replace(with: everything)
        #expect(throws: Refusal.self) { try store.apply(actor: "root", now: 0) { _ in throw Refusal() } }
        #expect(try store.policies() == everything)
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
            error?.message == "the policies are at version 2 and not at 1: somebody else was first: "
                + "2 by root (test 0 created, 0 changed, 18 deleted); "
                + "nothing was changed, look at their change and apply yours again")
        #expect(!called)
        #expect(try store.policies() == PolicySet())
    }

    @Test func theVersionExpectedIsNone() throws {
        try store.apply(expecting: 0, actor: "root", now: 0) { _ in everything }
        #expect(try store.apply(expecting: 1, actor: "root", now: 0) { _ in PolicySet() }.version == 2)
    }

    @Test func namingWhatThereIsNotChangesNothing() throws {
        let error = complaint { try store.replace(with: PolicySet(users: [User(name: "a", groups: ["none"])])) }
        #expect(error?.message == "FOREIGN KEY constraint failed; nothing was changed")
        #expect(try store.policies() == PolicySet())
        #expect(try store.version() == 0)
    }

    private static let dataSource = DataSource(
        name: "a", kind: .files, directories: ["/a"], subscription: .anyone)
}
