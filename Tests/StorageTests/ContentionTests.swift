import Policy
import Storage
import Testing

/// Two processes on one store, each by a connection of its own.
struct ContentionTests {
    private let folder: TemporaryFolder
    private let one: PolicyStore
    private let other: PolicyStore

    init() throws {
        folder = try TemporaryFolder()
        one = try PolicyStore(path: folder.store)
        other = try PolicyStore(path: folder.store, options: .init(busyTimeout: 0.01))
    }

    @Test func whileOneWritesTheOtherIsTurnedAway() throws {
        try one.apply(actor: "one", now: 0) { _ in
            let error = complaint { try other.replace(with: PolicySet(groups: [Group(name: "b")])) }
            #expect(error?.kind == .busy)
            #expect(error?.message == "another process is writing; nothing was changed, try again in a moment")
            return PolicySet(groups: [Group(name: "a")])
        }
        #expect(try other.policies().groups == [Group(name: "a")])
    }

    @Test func whileOneWritesAnotherCanBeOpened() throws {
        try one.replace(with: everything)
        try one.apply(actor: "one", now: 0) { _ in
            let third = try PolicyStore(path: folder.store, options: .init(busyTimeout: 0.01))
            let seen = try third.policies()
            #expect(seen == everything)
            return PolicySet()
        }
    }

    @Test func whileOneWritesTheOtherReadsWhatWas() throws {
        try one.replace(with: everything)
        try one.apply(actor: "one", now: 0) { _ in
            let seen = try other.policies()
            #expect(seen == everything)
            return PolicySet()
        }
        #expect(try other.version() == 2)
    }
}
