import ReferenceModel
import Testing

@Suite("The reference model: who is asking")
struct ModelCallerTests {
    /// `s1` at `/s` for anyone, created with `etl@EXAMPLE.COM`; `ann@EXAMPLE.COM`, `bob`, `cid@OTHER.COM`.
    private static var world: World {
        var world = World()
        world.settings.needsCatalogue = false
        var source = DataSource("s1")
        source.directories = ["/s"]
        source.credential = "etl"
        world.policies.dataSources = [source]
        var ann = User("ann")
        ann.principal = "ann@EXAMPLE.COM"
        var cid = User("cid")
        cid.principal = "cid@OTHER.COM"
        world.policies.users = [ann, User("bob"), cid]
        world.policies.ignoredUsers = ["hive", "spark/h1@EXAMPLE.COM"]
        world.naming.endings["OTHER.COM"] = ""
        return world
    }

    private func reason(_ principal: Text, _ world: World = Self.world) -> Reason {
        world.answer(Question(.read, principal, "/s/f"), at: 0).reason
    }

    @Test(
        arguments: [
            ("ann@EXAMPLE.COM", .subscribed), ("ann", .subscribed), ("ann/h@EXAMPLE.COM", .subscribed),
            ("ann@OTHER.COM", .subscribed), ("ann@FOREIGN.ORG", .badPrincipal), ("bob", .subscribed),
            ("bob@EXAMPLE.COM", .subscribed), ("Bob", .unmappedUser), ("cid", .subscribed), ("eve", .unmappedUser),
            ("hive", .ignoredUser), ("hive/h7@OTHER.COM", .ignoredUser), ("spark/h1@EXAMPLE.COM", .ignoredUser),
            ("spark/h2@EXAMPLE.COM", .unmappedUser), ("spark", .ignoredUser), ("spark/h1@OTHER.COM", .unmappedUser),
            ("etl@EXAMPLE.COM", .unmappedUser), ("", .badPrincipal), ("a\\b@EXAMPLE.COM", .badPrincipal),
        ] as [(Text, Reason)])
    func principalIsMapped(principal: Text, expected: Reason) {
        #expect(reason(principal) == expected)
    }

    @Test func twoUsersOfOneShortNameAreAmbiguousUnlessThePrincipalTells() {
        var world = Self.world
        var other = User("ann2")
        other.principal = "ann@OTHER.COM"
        world.policies.users.append(other)
        #expect(reason("ann@EXAMPLE.COM", world) == .subscribed)
        #expect(reason("ann@OTHER.COM", world) == .subscribed)
        #expect(reason("ann", world) == .ambiguousPrincipal)
        #expect(reason("ann/h@EXAMPLE.COM", world) == .ambiguousPrincipal)
    }

    @Test func realmMayBeToldApartByAnEnding() {
        var world = Self.world
        world.naming.endings["OTHER.COM"] = "-other"
        #expect(reason("ann@OTHER.COM", world) == .unmappedUser)
        #expect(reason("cid@OTHER.COM", world) == .subscribed)
        #expect(reason("cid", world) == .unmappedUser)
        #expect(reason("cid-other", world) == .subscribed)
        world.naming.endings["OTHER.COM"] = nil
        #expect(reason("cid@OTHER.COM", world) == .badPrincipal)
        #expect(reason("cid", world) == .unmappedUser, "a user whose principal the rules make nothing of has no name")
    }

    @Test func ownerIsNativeOnceMappedToAUser() {
        var world = Self.world
        world.policies.users.append(User("etl"))
        #expect(reason("etl@EXAMPLE.COM", world) == .dataOwner)
        #expect(reason("etl", world) == .dataOwner)
        #expect(reason("etl@OTHER.COM", world) == .subscribed)
        world.policies.users[3].enabled = false
        #expect(reason("etl@EXAMPLE.COM", world) == .disabledUser)
    }

    @Test func caseIsOneWhereTheSettingSaysSo() {
        var world = Self.world
        world.naming.ignoresCase = true
        #expect(reason("ANN@EXAMPLE.COM", world) == .subscribed)
        #expect(reason("Bob", world) == .subscribed)
        #expect(reason("HIVE", world) == .ignoredUser)
        #expect(reason("ann@example.com", world) == .badPrincipal, "the rules know no such realm")
    }

    @Test func unmappedIsDeniedWhereTheSettingSaysSo() {
        var world = Self.world
        world.settings.deniesUnmapped = true
        let answer = world.answer(Question(.read, "eve", "/s/f"), at: 0)
        #expect(answer == Answer(.deny, .unmappedUser, "s1"))
    }

    @Test func suspensionEndsAtItsInstant() {
        var world = Self.world
        world.policies.users[1].suspendedUntil = 1_000
        let question = Question(.read, "bob", "/s/f")
        #expect(world.answer(question, at: 999).reason == .disabledUser)
        #expect(world.answer(question, at: 1_000).reason == .subscribed)
    }
}
