import ReferenceModel
import Testing

@Suite("The reference model: rule 10")
struct ModelRuleTenTests {
    private static let question = Question(.read, "ann", "/s/dt=2026-11-21/f")
    /// 2026-11-21T00:00:00Z.
    private static let midnight: Instant = 1_795_219_200_000
    private static let day: Instant = 86_400_000

    /// `s1` at `/s` for anyone; ann, of g1, from DE; a project `j1` with `s1`, members g1, purposes p1 and p2.
    private static func world(_ change: (inout World) -> Void = { _ in }) -> World {
        var world = World()
        world.settings.needsCatalogue = false
        var source = DataSource("s1")
        source.directories = ["/s"]
        world.policies.dataSources = [source]
        var ann = User("ann")
        ann.groups = ["g1"]
        ann.attributes = ["country": ["DE", "FR"]]
        world.policies.users = [ann]
        var project = Project("j1")
        project.dataSources = ["s1"]
        project.members.groups = [Entry("g1")]
        project.purposes = ["p1", "p2"]
        world.policies.projects = [project]
        change(&world)
        return world
    }

    private static func reason(_ world: World, at now: Instant = 0) -> Reason {
        world.answer(question, at: now).reason
    }

    private static func reason(at now: Instant = 0, _ change: (inout World) -> Void) -> Reason {
        reason(world(change), at: now)
    }

    private static func reason(_ condition: Condition) -> Reason {
        reason { $0.policies.dataSources[0].subscription = .condition(condition) }
    }

    // MARK: Subscriptions

    @Test func conditionsNest() {
        let (holds, fails) = (Condition.group("g1"), Condition.group("g2"))
        #expect(Self.reason(holds) == .subscribed)
        #expect(Self.reason(fails) == .notSubscribed)
        #expect(Self.reason(.attribute("country", "FR")) == .subscribed)
        #expect(Self.reason(.attribute("country", "GB")) == .notSubscribed)
        #expect(Self.reason(.attribute("level", "DE")) == .notSubscribed)
        #expect(Self.reason(.all([holds, fails])) == .notSubscribed)
        #expect(Self.reason(.any([holds, fails])) == .subscribed)
        #expect(Self.reason(.not(holds)) == .notSubscribed)
        #expect(Self.reason(.all([holds, .not(.any([fails, .not(holds)]))])) == .subscribed)
    }

    @Test func entryHoldsBeforeItsInstantAndNotAtIt() {
        let world = Self.world { world in
            var entries = Entries()
            entries.users = [Entry("ann", until: 100)]
            entries.groups = [Entry("g1", until: 200), Entry("g2")]
            world.policies.dataSources[0].subscription = .named(entries)
        }
        #expect(Self.reason(world, at: 100) == .subscribed, "the entry of the group still holds")
        #expect(Self.reason(world, at: 199) == .subscribed)
        #expect(Self.reason(world, at: 200) == .notSubscribed)
    }

    @Test func approvalIsOfThisUserAtThisDataSource() {
        var world = Self.world { world in
            world.policies.dataSources[0].subscription = .approval(approvers: Approvers(), atMost: nil)
        }
        #expect(Self.reason(world) == .notSubscribed)
        world.state.approvals = [Approval("bob", "s1"), Approval("ann", "s2")]
        #expect(Self.reason(world) == .notSubscribed)
        world.state.approvals.append(Approval("ann", "s1", until: 100))
        #expect(Self.reason(world, at: 99) == .subscribed)
        #expect(Self.reason(world, at: 100) == .notSubscribed)
        world.state.approvals = [Approval("ann", "s1")]
        #expect(Self.reason(world, at: 100) == .subscribed)
    }

    // MARK: Global policies

    @Test func globalPolicyAppliesByImpliedTagsUnlessExcepted() {
        var policy = GlobalPolicy("w1")
        policy.tags = ["personal"]
        policy.subscription = .condition(.group("g2"))
        var pii = Tag("pii")
        pii.implies = ["personal"]
        var world = Self.world { world in
            world.policies.globalPolicies = [policy]
            world.policies.tags = [pii, Tag("personal")]
        }
        #expect(Self.reason(world) == .subscribed)
        world.policies.dataSources[0].tags = ["pii"]
        #expect(Self.reason(world) == .notSubscribed)
        world.policies.dataSources[0].exceptions = ["w1"]
        #expect(Self.reason(world) == .subscribed)
    }

    @Test func findingsComeQuestionByQuestionAndOwnFirst() {
        var (second, first) = (GlobalPolicy("w2"), GlobalPolicy("w1"))
        second.tags = ["t"]
        second.subscription = .condition(.group("g2"))
        second.purposes = ["p1"]
        first.tags = ["t"]
        first.subscription = .condition(.group("g3"))
        let world = Self.world { world in
            world.policies.globalPolicies = [second, first]
            world.policies.tags = [Tag("t")]
            world.policies.dataSources[0].tags = ["t"]
            world.state.currentProject["ann"] = "j1"
        }
        let findings = world.findings(about: world.policies.users[0], at: world.policies.dataSources[0], standingAt: 0)
        #expect(findings.map(\.globalPolicy) == [nil, "w1", "w2", nil, "w2"])
        #expect(findings.map(\.ask) == [.subscription, .subscription, .subscription, .project, .purposes])
        #expect(findings.map(\.holds) == [true, false, false, true, false])
    }

    // MARK: Projects and purposes

    @Test func projectNarrowsAndLapsedMembershipDeniesAll() {
        #expect(Self.reason { $0.state.currentProject["ann"] = "j1" } == .subscribed)
        #expect(Self.reason { $0.state.currentProject["ann"] = "gone" } == .subscribed)
        let other = Self.world { world in
            world.state.currentProject["ann"] = "j1"
            world.policies.projects[0].dataSources = []
        }
        #expect(Self.reason(other) == .outsideProject)
        let lapsed = Self.world { world in
            world.state.currentProject["ann"] = "j1"
            world.policies.projects[0].members.groups = [Entry("g1", until: 100)]
        }
        #expect(Self.reason(lapsed, at: 99) == .subscribed)
        #expect(Self.reason(lapsed, at: 100) == .outsideProject)
    }

    @Test func purposeIsOneOfTheProjectsThatTheUserAcknowledgedInIt() {
        var world = Self.world { world in
            world.policies.dataSources[0].purposes = ["p1", "p3"]
        }
        #expect(Self.reason(world) == .purpose)
        world.state.acknowledgements = [Acknowledgement("ann", "j1", "p1")]
        #expect(Self.reason(world) == .purpose, "acts under no project")
        world.state.currentProject["ann"] = "j1"
        #expect(Self.reason(world) == .subscribed)
        world.state.acknowledgements = [Acknowledgement("ann", "j1", "p2"), Acknowledgement("ann", "j2", "p1")]
        #expect(Self.reason(world) == .purpose)
        world.state.acknowledgements.append(Acknowledgement("ann", "j1", "p3"))
        #expect(Self.reason(world) == .purpose, "the project has no such purpose")
    }

    // MARK: File rules

    private static func reason(at now: Instant, _ path: Text, _ change: (inout FileRule) -> Void) -> Reason {
        var rule = FileRule("r1")
        change(&rule)
        let world = world { world in
            world.policies.dataSources[0].fileRules = [rule]
            world.policies.dataSources[0].tags = ["t1"]
            var (t1, hot) = (Tag("t1"), Tag("hot"))
            t1.implies = ["t2"]
            hot.components = ["hot"]
            world.policies.tags = [t1, Tag("t2"), hot]
        }
        return world.answer(Question(.read, "ann", path), at: now).reason
    }

    @Test func ageOfADayIsTheStricterReading() {
        let path: Text = "/s/dt=2026-11-21/f"
        let younger: (inout FileRule) -> Void = { ($0.date, $0.youngerThan) = (.component("dt"), 172_800) }
        #expect(Self.reason(at: Self.midnight + 2 * Self.day - 1, path, younger) == .subscribed)
        #expect(Self.reason(at: Self.midnight + 2 * Self.day, path, younger) == .policy)
        #expect(Self.reason(at: Self.midnight - 9 * Self.day, path, younger) == .subscribed)
        let older: (inout FileRule) -> Void = { ($0.date, $0.olderThan) = (.component("dt"), 172_800) }
        #expect(Self.reason(at: Self.midnight + 3 * Self.day - 1, path, older) == .policy)
        #expect(Self.reason(at: Self.midnight + 3 * Self.day, path, older) == .subscribed)
    }

    @Test func ageByModificationTimeIsCountedFromWhatTheCatalogueHolds() {
        var rule = FileRule("r1")
        (rule.date, rule.youngerThan) = (.modificationTime, 10)
        var world = Self.world { $0.policies.dataSources[0].fileRules = [rule] }
        #expect(Self.reason(world, at: 0) == .policy, "the catalogue does not hold the file")
        var crawl = Crawl(by: Credential("etl"))
        crawl.files["/s/dt=2026-11-21/f"] = Crawl.File(isReadable: true, changed: 5_400)
        world.crawls["s1"] = crawl
        #expect(Self.reason(world, at: 14_999) == .subscribed)
        #expect(Self.reason(world, at: 15_000) == .policy)
        (rule.youngerThan, rule.olderThan) = (nil, 10)
        world.policies.dataSources[0].fileRules = [rule]
        #expect(Self.reason(world, at: 15_998) == .policy)
        #expect(Self.reason(world, at: 15_999) == .subscribed)
    }

    @Test(
        arguments: [
            ("/s/dt=20261121", .subscribed), ("/s/f", .policy), ("/s/dt=2026-11-21/dt=2026-11-20", .policy),
            ("/s/dt=2026-11-21/dt=x", .policy), ("/s/dt=2026-02-29", .policy), ("/s/DT=2026-11-21", .policy),
            ("/s/.snapshot/dt=2026-11-21/f", .policy), ("/s/dt=2026-11-21=x", .policy), ("/s/dt=", .policy),
            ("/s/dt=2026-11-21 ", .policy), ("/s/dt=9999-12-31", .subscribed), ("/s/dt=0000-01-01", .policy),
        ] as [(Text, Reason)])
    func dateIsThatOfEveryComponentWithTheWord(path: Text, expected: Reason) {
        let reason = Self.reason(at: Self.midnight, path) { ($0.date, $0.youngerThan) = (.component("dt"), 86_400) }
        #expect(reason == expected)
    }

    @Test func tagsOfAFileAreTheSourcesThePathsAndAllImplied() {
        #expect(Self.reason(at: 0, "/s/f") { $0.withTags = ["t2", "hot"] } == .subscribed)
        #expect(Self.reason(at: 0, "/s/f") { $0.withTags = ["hot"] } == .policy)
        #expect(Self.reason(at: 0, "/s/hot") { $0.withTags = ["hot"] } == .subscribed)
        #expect(Self.reason(at: 0, "/s/hotter") { $0.withTags = ["hot"] } == .policy)
        #expect(Self.reason(at: 0, "/s/f") { $0.withoutTags = ["t2"] } == .policy)
        #expect(Self.reason(at: 0, "/s/f") { ($0.withTags, $0.withoutTags) = (["t1"], ["hot"]) } == .subscribed)
        #expect(Self.reason(at: 0, "/s/hot/f") { ($0.withTags, $0.withoutTags) = (["t1"], ["hot"]) } == .policy)
    }

    @Test func exceptUnbindsByAnyOfItsWords() {
        func reason(_ except: Except) -> Reason {
            Self.reason(at: 0, "/s/f") { ($0.withTags, $0.except) = (["hot"], except) }
        }
        var except = Except()
        except.users = ["bob"]
        #expect(reason(except) == .policy)
        except.groups = ["g1"]
        #expect(reason(except) == .subscribed)
        except = Except()
        except.attributes = ["country": ["GB", "DE"]]
        #expect(reason(except) == .subscribed)
        except = Except()
        except.purposes = ["p1"]
        #expect(reason(except) == .policy, "ann acts under no purpose")
    }

    @Test func traverseIsNotAskedForFileRulesAndNeverDenied() {
        var rule = FileRule("r1")
        rule.withTags = ["hot"]
        let world = Self.world { $0.policies.dataSources[0].fileRules = [rule] }
        #expect(world.answer(Self.question, at: 0) == Answer(.deny, .policy, "s1"))
        var traverse = Self.question
        traverse.operation = .traverse
        #expect(world.answer(traverse, at: 0) == Answer(.allow, .subscribed, "s1"))
        let other = Self.world { $0.policies.dataSources[0].subscription = .named(Entries()) }
        #expect(other.answer(traverse, at: 0) == Answer(.native, .notSubscribed, "s1"))
    }

    // MARK: Several data sources

    @Test func denyWinsOverNativeAndNativeOverAllow() {
        func answer(_ change: (inout [DataSource]) -> Void) -> Answer {
            var sources = ["s1", "s2", "s3"].map { name in
                var source = DataSource(Text(name))
                (source.directories, source.sharesDirectories) = (["/s"], true)
                return source
            }
            change(&sources)
            return Self.world { $0.policies.dataSources = sources.reversed() }.answer(Self.question, at: 0)
        }
        #expect(answer { _ in } == Answer(.allow, .subscribed, "s1"))
        #expect(answer { $0[1].credential = "ann" } == Answer(.native, .dataOwner, "s2"))
        #expect(answer { ($0[1].credential, $0[2].kind) = ("ann", .table) } == Answer(.deny, .rawTableRead, "s3"))
        #expect(
            answer { ($0[1].subscription, $0[2].kind) = (.named(Entries()), .table) }
                == Answer(.deny, .notSubscribed, "s2"))
    }

    // MARK: State under changes of policy

    @Test func stateEndsWithWhatItBelongsTo() {
        var world = Self.world { world in
            world.policies.purposes = [Purpose("p1", about: "once"), Purpose("p2")]
            world.state.currentProject["ann"] = "j1"
            world.state.acknowledgements = [Acknowledgement("ann", "j1", "p1"), Acknowledgement("ann", "j1", "p2")]
            world.state.requests = [Request("ann", "s1")]
            world.state.approvals = [Approval("ann", "s1")]
        }
        let before = world.state
        var policies = world.policies
        policies.dataSources[0].tags = ["t"]
        world.apply(policies)
        #expect(world.state == before)

        policies.purposes[0].about = "twice"
        world.apply(policies)
        #expect(world.state.acknowledgements == [Acknowledgement("ann", "j1", "p2")])
        policies.projects[0].purposes = ["p1"]
        world.apply(policies)
        #expect(world.state.acknowledgements.isEmpty)
        #expect(world.state.approvals.count == 1)

        let projects = policies.projects
        policies.projects = []
        policies.dataSources = []
        world.apply(policies)
        #expect(world.state == State())
        policies.projects = projects
        world.apply(policies)
        #expect(world.state == State(), "what has ended does not come back")
    }
}
