import Policy
import Testing

@testable import Decision

@Suite("Who a caller is")
struct StandingTests {
    @Test(arguments: [
        ("hdfs@R", true), ("hdfs@OTHER", true), ("hdfs/nn1@R", true), ("hdfs", true), ("hdfs2@R", false),
        ("backup/nn1@R", true), ("backup/nn2@R", false), ("backup@R", false), ("backup", true),
        ("etl@X", true), ("etl@R", false), ("alice@R", false),
    ])
    func ignoredUserIsNamedByShortNameOrByPrincipal(principal: String, isIgnored: Bool) throws {
        let snapshot = policies(ignored: ["hdfs", "backup/nn1", "etl@X"])
        #expect(try standing(principal, snapshot).isIgnored == isIgnored)
    }

    @Test(arguments: [
        ("a123@R", Snapshot.Match.user(0)), ("alice@R", .none), ("bob@R", .user(1)), ("bob@OTHER", .user(1)),
        ("carol@X", .user(2)), ("carol@R", .user(2)), ("dave@R", .none),
        ("a123", .user(0)), ("bob", .user(1)), ("carol", .user(2)), ("alice", .none), ("bob/host@R", .user(1)),
    ])
    func userIsFoundByPrincipalThenByShortName(principal: String, match: Snapshot.Match) throws {
        let snapshot = policies(users: [
            User(name: "alice", principal: "a123"), User(name: "bob"), User(name: "carol", principal: "carol@X"),
        ])
        #expect(try standing(principal, snapshot).match == match)
    }

    @Test(arguments: [
        ("svc/h1@R", Snapshot.Match.user(0)), ("svc/h2@R", .user(1)), ("svc/h3@R", .ambiguous), ("svc", .ambiguous),
        ("svc@R", .ambiguous),
    ])
    func principalDecidesBetweenUsersOfOneShortName(principal: String, match: Snapshot.Match) throws {
        let snapshot = policies(users: [
            User(name: "one", principal: "svc/h1@R"), User(name: "two", principal: "svc/h2@R"),
        ])
        #expect(try standing(principal, snapshot).match == match)
    }

    @Test func principalClaimedTwiceIsAmbiguousHoweverOftenItIsClaimed() throws {
        for count in 2...4 {
            let users = (0..<count).map { User(name: "u\($0)", principal: "shared@R") }
            #expect(try standing("shared@R", policies(users: users)).match == .ambiguous)
        }
    }

    @Test func nameAndPrincipalOfDifferentUsersMeetInTheShortName() throws {
        let snapshot = policies(users: [User(name: "etl"), User(name: "robot", principal: "etl/h@R")])
        #expect(try standing("etl", snapshot).match == .ambiguous)
        #expect(try standing("etl/h@R", snapshot).match == .user(1))
    }

    @Test func principalThatTheRulesRefuseMatchesNobody() throws {
        let snapshot = policies(
            users: [User(name: "alice", principal: "")], sources: [source("s", "/s", owner: "")])
        #expect(try standing("alice@R", snapshot).match == .none)
        #expect(snapshot.dataSources[0].owner == nil)
    }

    @Test(arguments: [
        ("etl@R", "etl@R", true), ("etl", "etl@R", true), ("etl", "etl", true), ("etl@R", "etl@X", false),
        ("etl@R", "etl/h@R", false), ("etl/h@R", "etl/h@R", true), ("etl/h@R", "etl", true), ("etl", "other@R", false),
    ])
    func configuredPrincipalIsComparedByPrincipalWhereTheCallerHasARealm(
        configured: String, principal: String, matches: Bool
    ) throws {
        let caller = try #require(PlainIdentity.caller(principal))
        #expect(try PlainIdentity().configuredPrincipal(configured).matches(caller) == matches)
    }

    private func standing(_ principal: String, _ snapshot: Snapshot) throws -> Snapshot.Standing {
        snapshot.standing(of: try #require(PlainIdentity.caller(principal)))
    }
}
