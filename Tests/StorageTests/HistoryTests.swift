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
                == ["0 created, 1 changed, 10 deleted", "11 created, 0 changed, 0 deleted"])
    }

    @Test func tellsTheLatestOnly() throws {
        #expect(try store.history(limit: 1).map(\.version) == [2])
    }

    @Test func keepsWhatAVersionChanged() throws {
        #expect(try store.change(of: 1) == PolicyChange(from: PolicySet(), to: everything))
        #expect(try store.change(of: 2)?.lines.first == "~ group `analysts`")
    }

    @Test(arguments: [0, 3, UInt64.max])
    func hasNoOtherVersions(version: UInt64) throws {
        #expect(try store.change(of: version) == nil)
    }
}
