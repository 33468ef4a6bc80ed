import Foundation
import Policy
import Testing

@testable import Administration

@Suite("What the record of a change holds")
struct RecordedChangeTests {
    private func read(_ change: RecordedChange) throws -> RecordedChange {
        try #require(RecordedChange(record: String(decoding: change.json, as: UTF8.self)))
    }

    @Test func beforeAndAfterComeBackAsTheyWere() throws {
        let change = RecordedChange(
            PolicyChange(user: "alice", fields: [PolicyChange.Field(name: "acts-under", from: "a", to: "b")]))
        let read = try read(change)
        #expect(read == change)
        #expect(read.leftOut == nil)
        #expect(read.entries.map(\.name) == ["alice"])
        #expect(read.entries[0].fields[0].removed == ["a"])
        #expect(read.entries[0].fields[0].added == ["b"])
    }

    @Test func longValuesAreCutAndManyAreCounted() throws {
        let long = String(repeating: "x", count: RecordedChange.longestValue + 1)
        let before = PolicySet(users: [User(name: "a")])
        var changed = User(name: "a")
        changed.groups = Set((0..<RecordedChange.mostValues + 7).map { "group-\($0)" })
        changed.principal = long
        let change = RecordedChange(PolicyChange(from: before, to: PolicySet(users: [changed])))
        let fields = Dictionary(uniqueKeysWithValues: change.entries[0].fields.map { ($0.name, $0.added) })
        #expect(fields["groups"]?.count == RecordedChange.mostValues + 1)
        #expect(fields["groups"]?.last == "… and 7 more")
        #expect(fields["principal"] == [String(long.dropLast()) + "…"])
    }

    @Test func whatDoesNotFitIsCounted() throws {
        let users = (0..<5_000).map { User(name: "user-\($0)", principal: "user-\($0)@EXAMPLE.COM") }
        let change = RecordedChange(PolicyChange(from: PolicySet(), to: PolicySet(users: users)))
        #expect(change.json.count < 65_535)
        #expect(change.entries.count > 100)
        #expect(change.leftOut == users.count - change.entries.count)
        #expect(try read(change) == change)
    }

    @Test(arguments: ["", "{", "[]"])
    func whatIsNoChangeIsNotShown(text: String) {
        #expect(RecordedChange(record: text) == nil)
    }
}
