import Policy
import Storage
import Testing

struct HistoryTests {
    private let folder: TemporaryFolder
    private let store: PolicyStore

    init() throws {
        folder = try TemporaryFolder()
        store = try PolicyStore(path: folder.store)
        try store.replace(with: everything, actor: "alice", now: 1_000)
        try store.replace(with: PolicySet(groups: [Group(name: "analysts")]), actor: "bob", now: 2_000)
    }

    @Test func tellsWhoChangedHowMuchWhen() throws {
        let history = try store.history()
        #expect(history.map(\.version) == [2, 1])
        #expect(history.map(\.actor) == ["bob", "alice"])
        #expect(history.map(\.timeMilliseconds) == [2_000, 1_000])
        #expect(
            history.map(\.summary)
                == ["0 created, 1 changed, 17 deleted", "18 created, 0 changed, 0 deleted"])
        #expect(history[0].changes.contains("~ group `analysts`"))
    }

    @Test func tellsTheLatestOnly() throws {
        #expect(try store.history(limit: 1).map(\.version) == [2])
    }

    @Test func tellsWhatDiffersBetweenAnyTwoVersions() throws {
        let last = PolicySet(groups: [Group(name: "analysts")])
        let all = [PolicySet(), everything, last]
        for (one, before) in all.enumerated() {
            for (other, after) in all.enumerated() {
                let edits = try store.difference(from: UInt64(one), to: UInt64(other))
                #expect(edits.map { PolicyChange($0) } == PolicyChange(from: before, to: after))
            }
        }
    }

    @Test(arguments: [3, UInt64.max])
    func hasNoOtherVersions(version: UInt64) throws {
        #expect(try store.difference(from: 1, to: version) == nil)
        #expect(try store.difference(from: version, to: 1) == nil)
    }

    @Test func policiesCanBeMadeWhatTheyWereAtAnyVersion() throws {
        let last = PolicySet(groups: [Group(name: "analysts")])
        let then: [(version: UInt64, policies: PolicySet)] = [(1, everything), (0, PolicySet()), (2, last)]
        for (version, policies) in then {
            try store.rollBack(to: version)
            #expect(try store.policies() == policies)
        }
        #expect(try store.history().first?.what == "test")
        #expect(try store.version() == 5)
    }
}
