import Policy
import Testing

/// What stays, comes and goes when files are applied to what is stored.
struct MergeTests {
    private let stored = PolicySet(
        groups: [Group(name: "analysts", about: "old words")], users: [User(name: "alice", groups: ["analysts"])],
        ignoredUsers: ["hive"], dataSources: [dataSource("sales", ["/data/sales"])])

    @Test func noFilesChangeNothing() throws {
        #expect(try apply([], to: stored) == stored)
    }

    @Test func whatFilesDoNotNameStays() throws {
        let policies = try apply("users: [{name: bob}]\nignored-users: [hdfs]", to: stored)
        #expect(policies.users == [User(name: "alice", groups: ["analysts"]), User(name: "bob")])
        #expect(policies.ignoredUsers == ["hdfs", "hive"])
        #expect(policies.groups == stored.groups)
        #expect(policies.dataSources == stored.dataSources)
    }

    @Test func anObjectIsReplacedAsAWhole() throws {
        let policies = try apply("groups: [{name: analysts}]\nusers: [{name: alice}]", to: stored)
        #expect(policies.groups == [Group(name: "analysts")])
        #expect(policies.users == [User(name: "alice")])
    }

    @Test func pruningDeletesWhatFilesDoNotName() throws {
        let policies = try apply("users: [{name: bob}]\nignored-users: [hdfs]", to: stored, prune: true)
        #expect(policies == PolicySet(users: [User(name: "bob")], ignoredUsers: ["hdfs"]))
    }

    @Test func aUserMayTakeThePrincipalOfAPrunedOne() throws {
        let stored = PolicySet(users: [User(name: "old", principal: "a@EXAMPLE.COM")])
        let policies = try apply("users: [{name: new, principal: a@EXAMPLE.COM}]", to: stored, prune: true)
        #expect(policies.users.map(\.name) == ["new"])
    }

    @Test func objectsComeInTheOrderOfTheirNames() throws {
        let policies = try apply("groups: [{name: c}, {name: a}]", to: PolicySet(groups: [Group(name: "b")]))
        #expect(policies.groups.map(\.name) == ["a", "b", "c"])
    }
}
