import Policy
import Testing

@testable import Decision

/// Policies in which every rule has somebody to apply to.
private let office = policies(users: officeUsers, sources: officeSources, ignored: ["hdfs"])
private let officeUsers = [
    User(name: "alice"), User(name: "bob"), User(name: "gone", enabled: false),
    User(name: "owner"), User(name: "twin1", principal: "twin/1"), User(name: "twin2", principal: "twin/2"),
]
private let officeSources = [
    source("sales", "/sales", "/more/file", owner: "owner@R", for: only("alice", "gone")),
    source("table", "/table", kind: .table, owner: "owner@R", for: .anyone),
]

@Suite("The rules of a read, one by one")
struct ReadRulesTests {
    @Test(arguments: ["", "relative", "/sales/../x", "/sales/\0", "/.reserved/.inodes/1"])
    func rule1RefusesAPathThatCannotBeMadeCanonical(path: String) {
        #expect(Desk(office).read(path, as: "alice@R").outcome == Outcome(.deny, .badPath))
    }

    @Test func rule1RefusesAPathThatIsNotUTF8() {
        var trace = NoTrace()
        let decision = Desk(office).decide([0x2F, 0xFF], as: "alice@R", trace: &trace)
        #expect(decision.outcome == Outcome(.deny, .badPath))
    }

    @Test(arguments: ["/sales/.snapshot/s1/f", "//sales//f", "/sales/", "/.reserved/raw/sales/f", "/more/file"])
    func rule1DecidesOtherNamesOfAFileAsTheFile(path: String) {
        #expect(Desk(office).read(path, as: "bob@R").outcome == Outcome(.deny, .notSubscribed))
        #expect(Desk(office).read(path, as: "alice@R").outcome == Outcome(.allow, .subscribed))
    }

    @Test(arguments: ["/", "/salesx", "/more", "/more/file2", "/tmp/sales"])
    func rule2LeavesWhatNothingCoversNative(path: String) {
        for principal in ["alice@R", "nobody@R", "hdfs@R", "gone@R", "twin@R", ""] {
            let decision = Desk(office).read(path, as: principal)
            #expect(decision.outcome == Outcome(.native, .notProtected))
            #expect(decision.dataSource == nil)
            #expect(!decision.concernsCover)
        }
    }

    @Test(arguments: ["hdfs@R", "hdfs/nn1@R", "hdfs"])
    func rule3LeavesIgnoredUsersNative(principal: String) {
        #expect(Desk(office).read("/sales/f", as: principal).outcome == Outcome(.native, .ignoredUser))
        #expect(Desk(office).read("/table/f", as: principal).outcome == Outcome(.native, .ignoredUser))
    }

    @Test func unmappedUserFallsBackToNative() {
        #expect(Desk(office).read("/sales/f", as: "nobody@R").outcome == Outcome(.native, .unmappedUser))
    }

    @Test func rule4DeniesUnmappedUsersWhereTheAdministratorSaysSo() {
        let strict = policies(
            settings: Settings(unmapped: .deny, catalogue: .none), sources: [source("sales", "/sales")])
        #expect(Desk(strict).read("/sales/f", as: "nobody@R").outcome == Outcome(.deny, .unmappedUser))
        #expect(Desk(strict).read("/tmp", as: "nobody@R").outcome == Outcome(.native, .notProtected))
    }

    @Test func rule5NeverPicksOneOfTwoUsers() {
        #expect(Desk(office).read("/sales/f", as: "twin@R").outcome == Outcome(.deny, .ambiguousPrincipal))
        #expect(Desk(office).read("/sales/f", as: "twin/1@R").outcome == Outcome(.deny, .notSubscribed))
    }

    @Test func rule6DeniesDisabledUsersAlthoughSubscribed() {
        #expect(Desk(office).read("/sales/f", as: "gone@R").outcome == Outcome(.deny, .disabledUser))
    }

    @Test(arguments: ["/sales/f", "/table/f"])
    func rule7LeavesTheDataSourcesOwnCredentialNative(path: String) {
        #expect(Desk(office).read(path, as: "owner@R").outcome == Outcome(.native, .dataOwner))
        #expect(Desk(office).read(path, as: "owner").outcome == Outcome(.native, .dataOwner))
    }

    @Test func rule7IsAboutThePrincipalAndNotAboutItsShortName() {
        #expect(Desk(office).read("/sales/f", as: "owner/other@R").outcome == Outcome(.deny, .notSubscribed))
    }

    @Test func rule9DeniesRawFilesOfTablesToSubscribersToo() {
        #expect(Desk(office).read("/table/f", as: "alice@R").outcome == Outcome(.deny, .rawTableRead))
    }

    @Test func rule10DeniesWhoIsNotSubscribed() {
        #expect(Desk(office).read("/sales/f", as: "bob@R").outcome == Outcome(.deny, .notSubscribed))
    }

    @Test func rule11AllowsSubscribers() {
        let desk = Desk(office)
        let decision = desk.read("/sales/f", as: "alice@R")
        #expect(decision.outcome == Outcome(.allow, .subscribed))
        #expect(desk.dataSource(of: decision) == "sales")
    }

    @Test func principalThatKerberosCannotHaveIssuedIsDenied() {
        #expect(Desk(office).read("/sales/f", as: "").outcome == Outcome(.deny, .badPrincipal))
    }

    @Test func decisionNamesTheDeepestDataSourceAndThePolicyVersion() {
        let nested = policies(
            version: 42, sources: [source("outer", "/a"), source("inner", "/a/b")])
        let desk = Desk(nested)
        #expect(desk.dataSource(of: desk.read("/a/b/c", as: "x@R")) == "inner")
        #expect(desk.dataSource(of: desk.read("/a/c", as: "x@R")) == "outer")
        #expect(desk.read("/a/c", as: "x@R").policyVersion == 42)
    }
}

@Suite("The order of the rules of a read")
struct ReadRuleOrderTests {
    /// Everybody to whom two rules apply, with the earlier one.
    @Test(
        arguments: [
            ("/../x", "hdfs@R", .deny, .badPath), ("/../x", "", .deny, .badPath),
            ("/f", "hdfs@R", .native, .ignoredUser), ("/f", "lost@R", .native, .ignoredUser),
            ("/f", "twin@R", .native, .ignoredUser), ("/f", "gone@R", .native, .ignoredUser),
            ("/f", "stray@R", .deny, .unmappedUser), ("/f", "gone2@R", .deny, .disabledUser),
            ("/f", "both", .deny, .ambiguousPrincipal),
            ("/owned/f", "gone2@R", .deny, .disabledUser), ("/owned/f", "owner@R", .native, .dataOwner),
        ] as [(String, String, Verdict, Reason)])
    func earlierRuleWins(path: String, principal: String, verdict: Verdict, reason: Reason) {
        let snapshot = policies(
            settings: Settings(unmapped: .deny, catalogue: .none),
            users: [
                User(name: "owner"), User(name: "t1", principal: "twin/1"), User(name: "t2", principal: "twin/2"),
                User(name: "b1", principal: "both/1"), User(name: "b2", principal: "both/2"),
                User(name: "gone", enabled: false), User(name: "gone2", enabled: false), User(name: "hdfs"),
            ],
            sources: [
                source("root", "/", kind: .table, owner: "both@R", for: only()),
                source("owned", "/owned", kind: .table, owner: "owner@R", for: .anyone),
                source("gone2's", "/owned/f", owner: "gone2@R", for: .anyone),
                source("owner's", "/owned/f", owner: "owner@R", for: .anyone),
            ],
            ignored: ["hdfs", "lost", "twin", "gone"])
        #expect(Desk(snapshot).read(path, as: principal).outcome == Outcome(verdict, reason))
    }
}

@Suite("Several data sources on one directory")
struct SharedDirectoryTests {
    /// What the first data source says, what the second says, and what both together do.
    @Test(
        arguments: [
            ("allow", "allow2", .allow, .subscribed, "allow"), ("deny", "deny2", .deny, .notSubscribed, "deny"),
            ("allow", "deny", .deny, .notSubscribed, "deny"), ("deny", "allow", .deny, .notSubscribed, "deny"),
            ("allow", "own", .native, .dataOwner, "own"), ("own", "allow", .native, .dataOwner, "own"),
            ("own", "deny", .deny, .notSubscribed, "deny"), ("deny", "own", .deny, .notSubscribed, "deny"),
            ("table", "allow", .deny, .rawTableRead, "table"), ("own", "table", .deny, .rawTableRead, "table"),
        ] as [(String, String, Verdict, Reason, String)])
    func everyOneMustAllow(first: String, second: String, verdict: Verdict, reason: Reason, decider: String) {
        let kinds = [
            "allow": source("allow", "/d"), "allow2": source("allow2", "/d"),
            "deny": source("deny", "/d", for: only()), "deny2": source("deny2", "/d", for: only()),
            "own": source("own", "/d", owner: "alice@R"), "table": source("table", "/d", kind: .table),
        ]
        let desk = Desk(policies(users: [User(name: "alice")], sources: [first, second].compactMap { kinds[$0] }))
        let decision = desk.read("/d/f", as: "alice@R")
        #expect(decision.outcome == Outcome(verdict, reason))
        #expect(desk.dataSource(of: decision) == decider)
    }

    @Test func deeperDirectoryOfOneAloneIsItsAlone() {
        let snapshot = policies(
            users: [User(name: "alice")],
            sources: [source("a", "/d", "/d/open"), source("b", "/d", for: only())])
        #expect(Desk(snapshot).read("/d/f", as: "alice@R").outcome == Outcome(.deny, .notSubscribed))
        #expect(Desk(snapshot).read("/d/open/f", as: "alice@R").outcome == Outcome(.allow, .subscribed))
    }
}

@Suite("Traversal")
struct TraversalTests {
    @Test(
        arguments: [
            ("/sales/d", "alice@R", .allow, .subscribed), ("/sales", "alice@R", .allow, .subscribed),
            ("/sales/d", "bob@R", .native, .notSubscribed), ("/table/d", "alice@R", .native, .rawTableRead),
            ("/sales/d", "gone@R", .native, .disabledUser), ("/sales/d", "twin@R", .native, .ambiguousPrincipal),
            ("/sales/d", "owner@R", .native, .dataOwner), ("/sales/d", "hdfs@R", .native, .ignoredUser),
            ("/sales/d", "nobody@R", .native, .unmappedUser), ("/sales/d", "", .native, .badPrincipal),
            ("/", "alice@R", .native, .notProtected), ("relative", "alice@R", .native, .badPath),
        ] as [(String, String, Verdict, Reason)])
    func traversalIsAllowedToReadersAndNativeForAllOthers(
        path: String, principal: String, verdict: Verdict, reason: Reason
    ) {
        #expect(Desk(office).traverse(path, as: principal).outcome == Outcome(verdict, reason))
    }
}

@Suite("Decisions and the cache")
struct CachedDecisionTests {
    @Test func decisionFromTheCacheSaysSoAndHowOldItIs() {
        let desk = Desk(office)
        #expect(!desk.read("/sales/f", as: "alice@R").wasCached)
        desk.now += 599
        let again = desk.read("/sales/other", as: "alice@R")
        #expect(again.wasCached)
        #expect(again.age == 599)
        desk.now += 1
        let anew = desk.read("/sales/f", as: "alice@R")
        #expect(!anew.wasCached)
        #expect(anew.age == 0)
    }

    @Test func denialsAreCachedToo() {
        let desk = Desk(office)
        _ = desk.read("/sales/f", as: "bob@R")
        let again = desk.read("/sales/f", as: "bob@R")
        #expect(again.wasCached)
        #expect(again.outcome == Outcome(.deny, .notSubscribed))
    }

    @Test func unsubscribedUserIsDeniedAtOnceAndOthersStayCached() {
        let desk = Desk(office)
        _ = desk.read("/sales/f", as: "alice@R")
        _ = desk.read("/sales/f", as: "bob@R")
        desk.snapshot = changed(groups: ["left"], changedAt: 2)
        #expect(desk.read("/sales/f", as: "alice@R").outcome == Outcome(.deny, .notSubscribed))
        let other = desk.read("/sales/f", as: "bob@R")
        #expect(other.wasCached)
        #expect(other.policyVersion == 1)
    }

    @Test func decisionCarriesThePolicyVersionThatItWasMadeUnder() {
        let desk = Desk(office)
        _ = desk.read("/sales/f", as: "bob@R")
        desk.snapshot = changed(groups: [], changedAt: 2)
        #expect(desk.read("/sales/f", as: "bob@R").policyVersion == 1)
        #expect(desk.read("/sales/f", as: "alice@R").policyVersion == 2)
    }

    /// The office one version later: `alice` is in these groups, and those who left are not subscribed.
    private func changed(groups: Set<String>, changedAt: UInt64) -> Snapshot {
        var users = officeUsers.enumerated().map { (id: UInt32($0), changedAt: UInt64(1), profile: $1) }
        users[0].profile.groups = groups
        users[0].changedAt = changedAt
        var sources = officeSources.enumerated().map { (id: UInt32($0), changedAt: UInt64(1), definition: $1) }
        sources[0].definition.subscription = .condition(.not(.group("left")))
        return Snapshot(
            version: changedAt, settings: office.settings, users: users, dataSources: sources,
            ignoredUsers: ["hdfs"], identity: PlainIdentity())
    }
}

@Suite("Explanations")
struct ExplanationTests {
    @Test(arguments: [
        ("/sales/../x", "alice@R", [1]), ("/tmp", "alice@R", [1, 2]), ("/sales/f", "hdfs@R", [1, 2, 3]),
        ("/sales/f", "nobody@R", [1, 2, 3, 4]), ("/sales/f", "twin@R", [1, 2, 3, 4, 5]),
        ("/sales/f", "gone@R", [1, 2, 3, 4, 5, 6]), ("/sales/f", "owner@R", [1, 2, 3, 4, 5, 6, 7]),
        ("/table/f", "alice@R", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("/sales/f", "bob@R", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("/sales/f", "alice@R", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), ("/sales/f", "", [1, 2, 4]),
    ])
    func everyRuleUpToTheOneThatDecidesIsExplained(path: String, principal: String, rules: [Int]) {
        #expect(Desk(office).explain(path, as: principal).map(\.rule) == rules)
    }

    @Test(arguments: [
        ("/sales/../x", "alice@R"), ("/tmp", "alice@R"), ("/sales/f", "hdfs@R"), ("/sales/f", "nobody@R"),
        ("/sales/f", "twin@R"), ("/sales/f", "gone@R"), ("/sales/f", "owner@R"), ("/table/f", "alice@R"),
        ("/sales/f", "bob@R"), ("/sales/f", "alice@R"), ("/sales/f", ""),
    ])
    func lastStepNamesTheDecisionAndItsReason(path: String, principal: String) throws {
        let decision = Desk(office).read(path, as: principal)
        let last = try #require(Desk(office).explain(path, as: principal).last)
        #expect(last.words.hasSuffix("\(decision.verdict.word), `\(decision.reason.word)`"))
    }

    @Test func canonicalFormIsShownWhereThePathHadToBeMadeSo() {
        let steps = Desk(office).explain("/sales/.snapshot/s/f", as: "alice@R")
        #expect(steps.first?.words == "made canonical: `/sales/f`")
        #expect(steps.dropFirst().first?.words == "covered by `sales`")
    }
}
