import Foundation
import Policy
import Testing

struct PolicyChangeTests {
    private let before = PolicySet(
        groups: [Group(name: "analysts"), Group(name: "interns")],
        users: [
            User(name: "alice", principal: "alice@A", groups: ["analysts"], attributes: ["country": ["DE"]]),
            User(name: "same"),
        ],
        ignoredUsers: ["hive"],
        dataSources: [dataSource("sales", ["/data/sales"])])

    private var after: PolicySet {
        var sales = dataSource("sales", ["/data/sales", "/data/returns"])
        sales.contact = "sales@example.com"
        sales.subscription = .condition(.not(.group("analysts")))
        return PolicySet(
            groups: [Group(name: "analysts", about: "two\nlines"), Group(name: "staff")],
            users: [
                User(name: "same"),
                User(
                    name: "alice", principal: "alice@B", groups: ["staff"], attributes: ["country": ["DE", "FR"]],
                    enabled: false),
                User(name: "bob", groups: ["staff"]),
            ],
            ignoredUsers: ["hdfs"], dataSources: [sales])
    }

    @Test func isToldObjectByObjectAndFieldByField() {
        #expect(
            PolicyChange(from: before, to: after).lines == [
                "~ group `analysts`",
                "    about: + `two\\nlines`",
                "- group `interns`",
                "+ group `staff`",
                "~ user `alice`",
                "    attributes.country: + `FR`",
                "    enabled: `true` -> `false`",
                "    groups: `analysts` -> `staff`",
                "    principal: `alice@A` -> `alice@B`",
                "+ user `bob`",
                "    enabled: + `true`",
                "    groups: + `staff`",
                "+ ignored user `hdfs`",
                "- ignored user `hive`",
                "~ data source `sales`",
                "    contact: + `sales@example.com`",
                "    directories: + `/data/returns`",
                "    subscription: `anyone` -> `condition`",
                "    subscription.condition: + `{\"not\":{\"group\":\"analysts\"}}`",
            ])
    }

    @Test func isCounted() {
        #expect(PolicyChange(from: before, to: after).summary == "3 created, 3 changed, 2 deleted")
        #expect(PolicyChange(from: before, to: before).summary == "0 created, 0 changed, 0 deleted")
    }

    @Test func ofNothingIsEmpty() {
        #expect(PolicyChange(from: before, to: before).isEmpty)
    }

    @Test func orderIsNoChange() {
        let one = PolicySet(users: [User(name: "a"), User(name: "b")], dataSources: [dataSource("s", ["/a", "/b"])])
        let other = PolicySet(users: [User(name: "b"), User(name: "a")], dataSources: [dataSource("s", ["/b", "/a"])])
        #expect(PolicyChange(from: one, to: other).isEmpty)
    }

    @Test func textsDifferWhenTheirBytesDo() {
        let composed = PolicySet(dataSources: [dataSource("s", ["/caf\u{E9}"])])
        let decomposed = PolicySet(dataSources: [dataSource("s", ["/cafe\u{301}"])])
        #expect(
            PolicyChange(from: composed, to: decomposed).lines
                == ["~ data source `s`", "    directories: `/caf\u{E9}` -> `/cafe\u{301}`"])
    }

    @Test func canBeReadBackFromItsJSON() throws {
        let change = PolicyChange(from: before, to: after)
        let json = try JSONEncoder().encode(change)
        #expect(try JSONDecoder().decode(PolicyChange.self, from: json) == change)
    }

    @Test func deletedObjectsLoseEveryField() {
        let change = PolicyChange(from: PolicySet(users: [User(name: "a", groups: ["g"])]), to: PolicySet())
        #expect(change.lines == ["- user `a`"])
        #expect(change.entries.first?.fields.map(\.name) == ["enabled", "groups"])
        #expect(change.entries.first?.fields.map(\.removed) == [["true"], ["g"]])
        #expect(change.entries.first?.fields.map(\.added) == [[], []])
    }
}
