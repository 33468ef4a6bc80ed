import Policy
import Testing

@testable import Decision

/// Milliseconds of the wall clock at which these tests ask.
private let now = Instant(milliseconds: 1_000_000)
private let later = Instant(milliseconds: 1_000_001)

/// What rule 10 says of `alice`, the user with id 0, at `/s`.
private struct Question {
    var alice = User(name: "alice", groups: ["g"], attributes: ["country": ["DE"]])
    var source = DataSource(name: "s", kind: .files, directories: ["/s"], subscription: .anyone)
    var documents = DocumentsInput()
    var state = UserState()

    var desk: Desk {
        let everybody = [alice, User(name: "bob", groups: ["g"])]
        let desk = Desk(
            policies(users: everybody, sources: [source], documents: documents, states: [0: state]),
            timeToLive: 600_000_000_000)
        desk.wall = now
        return desk
    }

    /// The reason of the answer to a read of a file.
    func reason(_ path: String = "/s/f") -> Reason { desk.read(path, as: "alice@R").reason }
}

@Suite("Rule 10: subscribed")
struct SubscriptionTests {
    @Test(arguments: [(later, .subscribed), (.never, .subscribed), (now, .notSubscribed)] as [(Instant, Reason)])
    func entryHoldsBeforeItsEnd(until: Instant, reason: Reason) {
        var question = Question()
        question.source.subscription = .individuals(Roster(users: ["alice": until]))
        #expect(question.reason() == reason)
        question.source.subscription = .individuals(Roster(groups: ["g": until]))
        #expect(question.reason() == reason)
    }

    @Test func userWhoIsNamedAndInANamedGroupIsSubscribedAsLongAsOneHolds() {
        var question = Question()
        question.source.subscription = .individuals(Roster(users: ["alice": now], groups: ["g": later]))
        #expect(question.reason() == .subscribed)
        question.source.subscription = .individuals(Roster(users: ["alice": later], groups: ["g": now]))
        #expect(question.reason() == .subscribed)
    }

    @Test(arguments: [(nil, .notSubscribed), (later, .subscribed), (now, .notSubscribed)] as [(Instant?, Reason)])
    func approvalHoldsBeforeItsEnd(until: Instant?, reason: Reason) {
        var question = Question()
        question.source.subscription = .approval(ApprovalTerms(users: ["bob"]))
        question.state.approvals[0] = until
        #expect(question.reason() == reason)
    }

    @Test func approvalOfAnotherDataSourceCountsForNothing() {
        var question = Question()
        question.source.subscription = .approval(ApprovalTerms())
        question.state.approvals[1] = .never
        #expect(question.reason() == .notSubscribed)
    }

    @Test(
        arguments: [(nil, .subscribed), (now, .subscribed), (later, .disabledUser)] as [(Instant?, Reason)])
    func suspendedUserIsDeniedUntilTheEndOfTheSuspension(until: Instant?, reason: Reason) {
        var question = Question()
        question.alice.suspendedUntil = until
        #expect(question.reason() == reason)
    }
}

@Suite("Rule 10: projects and purposes")
struct ProjectTests {
    private var question: Question {
        var question = Question()
        question.documents.projects = [
            (1, Project(name: "p", dataSources: ["s"], members: Roster(users: ["alice"]), purposes: ["hunt"])),
            (1, Project(name: "other", members: Roster(groups: ["g": .never]), purposes: ["hunt"])),
        ]
        question.state.project = "p"
        return question
    }

    @Test func memberReadsWhatTheProjectHolds() {
        #expect(question.reason() == .subscribed)
    }

    @Test func projectThatDoesNotHoldTheDataSourceShutsItOut() {
        var question = question
        question.state.project = "other"
        #expect(question.reason() == .outsideProject)
    }

    @Test func membershipGivesNothingByItself() {
        var question = question
        question.source.subscription = only("bob")
        #expect(question.reason() == .notSubscribed)
    }

    @Test(arguments: [(later, .subscribed), (now, .outsideProject)] as [(Instant, Reason)])
    func lapsedMemberIsDeniedEverythingUntilTheySwitch(until: Instant, reason: Reason) {
        var question = question
        question.documents.projects[0].definition.members = Roster(users: ["alice": until])
        #expect(question.reason() == reason)
        question.state.project = nil
        #expect(question.reason() == .subscribed)
    }

    @Test func deletedProjectIsNone() {
        var question = question
        question.documents.projects = []
        #expect(question.reason() == .subscribed)
    }

    @Test func purposeIsOfTheProjectAndAcknowledgedInIt() {
        var question = question
        question.source.purposes = ["hunt", "audit"]
        #expect(question.reason() == .purpose)
        question.state.acknowledgements = [Acknowledgement(project: "other", purpose: "hunt")]
        #expect(question.reason() == .purpose)
        question.state.acknowledgements = [Acknowledgement(project: "p", purpose: "audit")]
        #expect(question.reason() == .purpose, "the project does not have it")
        question.state.acknowledgements = [Acknowledgement(project: "p", purpose: "hunt")]
        #expect(question.reason() == .subscribed)
        question.state.project = nil
        #expect(question.reason() == .purpose)
    }
}

@Suite("Rule 10: tags and global policies")
struct GlobalPolicyTests {
    private func question(_ policies: GlobalPolicy..., tags: Set<String>, exceptions: [String] = []) -> Question {
        var question = Question()
        question.source.tags = tags
        question.source.exceptions = exceptions.map { .init(policy: $0, because: "of old") }
        question.documents.tags = [
            TagDefinition(name: "secret", implies: ["pii"]), TagDefinition(name: "pii"), TagDefinition(name: "public"),
        ]
        question.documents.globalPolicies = policies
        return question
    }

    private let nobody = GlobalPolicy(name: "nobody", tags: ["pii"], subscription: .individuals(Roster()))

    @Test(
        arguments: [(["pii"], .notSubscribed), (["secret"], .notSubscribed), (["public"], .subscribed)]
            as [(Set<String>, Reason)])
    func policyAppliesWhereverItsTagIsOrIsImplied(tags: Set<String>, reason: Reason) {
        #expect(question(nobody, tags: tags).reason() == reason)
    }

    @Test func exceptionTakesThePolicyAwayAndIsShown() throws {
        let question = question(nobody, tags: ["pii"], exceptions: ["nobody"])
        #expect(question.reason() == .subscribed)
        let steps = question.desk.snapshot.resolution(user: 0, dataSource: 0, at: now).steps
        let exception = try #require(steps.first { $0.question == .exception })
        #expect(exception.policy == "nobody")
        #expect(exception.words.contains("of old"))
    }

    @Test func everyDemandForAPurposeIsMetForItself() {
        var question = question(GlobalPolicy(name: "g", tags: ["pii"], purposes: ["b"]), tags: ["pii"])
        question.source.purposes = ["a"]
        question.documents.projects = [
            (1, Project(name: "p", dataSources: ["s"], members: Roster(users: ["alice"]), purposes: ["a", "b"]))
        ]
        question.state.project = "p"
        question.state.acknowledgements = [Acknowledgement(project: "p", purpose: "a")]
        #expect(question.reason() == .purpose)
        question.state.acknowledgements.insert(Acknowledgement(project: "p", purpose: "b"))
        #expect(question.reason() == .subscribed)
    }

    @Test func oneWhoIsDeniedByTwoOfThreePoliciesIsToldOfBoth() {
        let french = GlobalPolicy(
            name: "french", tags: ["pii"], subscription: .condition(.attribute("country", value: "FR")))
        let german = GlobalPolicy(
            name: "german", tags: ["pii"], subscription: .condition(.attribute("country", value: "DE")))
        let question = question(german, french, nobody, tags: ["pii"])
        let resolution = question.desk.snapshot.resolution(user: 0, dataSource: 0, at: now)
        #expect(resolution.reason == "not-subscribed")
        #expect(resolution.steps.map(\.policy) == [nil, "french", "german", "nobody"], "in the order of names")
        #expect(resolution.failures.map(\.policy) == ["french", "nobody"])
        let words = question.desk.explain("/s/f", as: "alice@R").last?.words ?? ""
        #expect(words.contains("`french`") && words.contains("`nobody`") && !words.contains("`german`"), "\(words)")
        #expect(words.hasSuffix("deny, `not-subscribed`"))
    }

    @Test func approverIsNamedByEveryPolicyThatAsks() {
        var question = question(
            GlobalPolicy(name: "g", tags: ["pii"], subscription: .approval(ApprovalTerms(groups: ["h"]))), tags: ["pii"]
        )
        question.source.subscription = .approval(ApprovalTerms(users: ["alice", "bob"]))
        #expect(!question.desk.snapshot.mayApprove(0, dataSource: 0))
        question.alice.groups = ["h"]
        #expect(question.desk.snapshot.mayApprove(0, dataSource: 0))
        #expect(!question.desk.snapshot.mayApprove(1, dataSource: 0))
    }
}

@Suite("Expiry and the cache")
struct ExpiryTests {
    /// Monotonic nanoseconds per millisecond.
    private static let millisecond: UInt64 = 1_000_000

    private static let end = Instant(milliseconds: now.milliseconds + 90_000)

    /// What lets `alice` read until ``end``.
    enum Ending: CaseIterable {
        case subscription, approval, membership

        fileprivate var desk: Desk {
            var question = Question()
            switch self {
            case .subscription: question.source.subscription = .individuals(Roster(users: ["alice": end]))
            case .approval:
                question.source.subscription = .approval(ApprovalTerms())
                question.state.approvals[0] = end
            case .membership:
                question.documents.projects = [
                    (1, Project(name: "p", dataSources: ["s"], members: Roster(users: ["alice": end])))
                ]
                question.state.project = "p"
            }
            return question.desk
        }
    }

    @Test(arguments: Ending.allCases)
    func noEntryOutlivesWhatItWasMadeFrom(ending: Ending) {
        let desk = ending.desk
        #expect(desk.read("/s/f", as: "alice@R").outcome == Outcome(.allow, .subscribed))
        desk.now += 89_000 * Self.millisecond
        desk.wall = Instant(milliseconds: now.milliseconds + 89_000)
        #expect(desk.read("/s/f", as: "alice@R").wasCached)
        desk.now += 1_000 * Self.millisecond
        desk.wall = Self.end
        let over = desk.read("/s/f", as: "alice@R")
        #expect(over.verdict == .deny)
        #expect(!over.wasCached)
    }

    @Test func stepOfTheWallClockNeitherProlongsNorShortensAnEntry() {
        let desk = Ending.subscription.desk
        _ = desk.read("/s/f", as: "alice@R")
        desk.wall = Instant(milliseconds: Self.end.milliseconds + 1_000_000)
        #expect(desk.read("/s/f", as: "alice@R").wasCached)
        desk.wall = Instant(milliseconds: 0)
        desk.now += 90_000 * Self.millisecond
        #expect(!desk.read("/s/f", as: "alice@R").wasCached)
    }

    @Test func entryWithoutAnEndHoldsForTheTimeToLive() {
        let desk = Question().desk
        _ = desk.read("/s/f", as: "alice@R")
        desk.now += 599_999 * Self.millisecond
        #expect(desk.read("/s/f", as: "alice@R").wasCached)
        desk.now += Self.millisecond
        #expect(!desk.read("/s/f", as: "alice@R").wasCached)
    }
}
