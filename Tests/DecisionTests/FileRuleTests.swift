import Catalogue
import Policy
import Testing

@testable import Decision

/// Files and when they were last changed.
@Suite("File rules")
struct FileRuleTests {
    /// Noon of 2026-11-21.
    private static let noon = Instant("2026-11-21T12:00:00Z")!

    private func desk(
        _ rules: FileRule..., tags: Set<String> = [], alice: User = User(name: "alice"), at now: Instant = noon
    ) -> Desk {
        var source = source("s", "/s")
        source.fileRules = rules
        source.tags = tags
        let documents = DocumentsInput(tags: [
            TagDefinition(name: "restricted", components: ["class=restricted", "vault"]),
            TagDefinition(name: "secret", implies: ["restricted"], components: ["secret"]),
            TagDefinition(name: "pii", implies: ["restricted"]),
        ])
        let desk = Desk(policies(users: [alice], sources: [source], documents: documents))
        desk.wall = now
        return desk
    }

    private func holds(_ path: String, _ desk: Desk) -> Bool {
        let decision = desk.read(path, as: "alice@R")
        #expect(decision.reason == (decision.verdict == .allow ? .subscribed : .policy))
        return decision.verdict == .allow
    }

    @Test(arguments: [
        ("/s/dt=2026-11-21/f", true), ("/s/dt=20261121/f", true), ("/s/dt=2026-11-20/f", true),
        ("/s/dt=2026-11-19/f", false), ("/s/dt=2027-01-01/f", true), ("/s/f", false), ("/s/dt=/f", false),
        ("/s/dt=2026-02-29/f", false), ("/s/dt=2026-11-2/f", false), ("/s/DT=2026-11-21/f", false),
        ("/s/xdt=2026-11-21/f", false), ("/s/dt=2026-11-21", true), ("/s/dt=2026-11-21x/f", false),
        ("/s/dt=2026-11-21/dt=2020-01-01/f", false), ("/s/dt=2026-11-21/dt=2026-11-20/f", true),
        ("/s/dt=2026-11-21/dt=soon", false), ("/s/dt=0001-01-01/f", false), ("/s/dt=0000-01-01/f", false),
    ])
    func ageByComponentIsCountedFromTheBeginningOfTheDay(path: String, expected: Bool) {
        let rule = FileRule(name: "new", date: .component("dt"), youngerThan: TimeSpan("2d"))
        #expect(holds(path, desk(rule)) == expected)
    }

    @Test(arguments: [
        ("2026-11-22T23:59:59.999Z", true, false), ("2026-11-23T00:00:00Z", false, false),
        ("2026-11-23T23:59:59.999Z", false, false), ("2026-11-24T00:00:00Z", false, true),
    ])
    func stricterReadingOfADayCounts(now: String, isYounger: Bool, isOlder: Bool) throws {
        let instant = try #require(Instant(now))
        let younger = FileRule(name: "y", date: .component("dt"), youngerThan: TimeSpan("2d"))
        let older = FileRule(name: "o", date: .component("dt"), olderThan: TimeSpan("2d"))
        #expect(holds("/s/dt=2026-11-21/f", desk(younger, at: instant)) == isYounger)
        #expect(holds("/s/dt=2026-11-21/f", desk(older, at: instant)) == isOlder)
    }

    @Test func ageIsLookedAtForEveryRead() {
        let desk = desk(FileRule(name: "y", date: .component("dt"), youngerThan: TimeSpan("1d")))
        #expect(holds("/s/dt=2026-11-21/f", desk))
        desk.wall = Instant("2026-11-22T00:00:00Z")!
        let over = desk.read("/s/dt=2026-11-21/f", as: "alice@R")
        #expect(over.outcome == Outcome(.deny, .policy))
        #expect(over.wasCached, "what is cached is which rules bind whom")
    }

    @Test func ageByModificationTimeNeedsTheCatalogue() {
        let younger = FileRule(name: "y", date: .modificationTime, youngerThan: TimeSpan("1h"))
        let older = FileRule(name: "o", date: .modificationTime, olderThan: TimeSpan("1h"))
        let hour: Int64 = 3_600_000
        let times: [(path: String, time: Int64)] = [
            ("/s/new", Self.noon.milliseconds - hour + 1_000), ("/s/between", Self.noon.milliseconds - hour),
            ("/s/old", Self.noon.milliseconds - hour - 1_000), ("/s/future", Self.noon.milliseconds + hour),
            ("/s/unknown", 0),
        ]
        let files = times.map { file in
            FileTable.Item(path: Array(file.path.utf8).span, state: .readable, modificationTime: file.time)
        }
        let expected = [
            ("/s/new", true, false), ("/s/old", false, true), ("/s/future", true, false), ("/s/x", false, false),
            // The catalogue has whole seconds, and what it does not know for certain does not hold.
            ("/s/between", false, false), ("/s/unknown", false, false),
        ]
        for (path, isYounger, isOlder) in expected {
            for (rule, holds) in [(younger, isYounger), (older, isOlder)] {
                let desk = desk(rule)
                #expect(!self.holds(path, desk), "there is no catalogue")
                desk.catalogue.dataSources[desk.snapshot.dataSources[0].id] = DataSourceFiles(FileTable(files))
                #expect(self.holds(path, desk) == holds, "\(path) \(rule.name)")
            }
        }
    }

    @Test(
        arguments: [
            ("/s/f", [], false), ("/s/class=restricted/f", [], true), ("/s/vault", [], true), ("/s/secret/f", [], true),
            ("/s/vaults/f", [], false), ("/s/class=restricted.csv", [], false), ("/s/f", ["pii"], true),
            ("/s/f", ["restricted"], true),
        ] as [(String, Set<String>, Bool)])
    func tagOfAFileComesFromItsDataSourceAndItsPath(path: String, tags: Set<String>, isTagged: Bool) {
        #expect(holds(path, desk(FileRule(name: "r", withTags: ["restricted"]), tags: tags)) == isTagged)
        #expect(holds(path, desk(FileRule(name: "r", withoutTags: ["restricted"]), tags: tags)) == !isTagged)
    }

    @Test func snapshotsOfAFileHaveItsTagsAndNoOthers() {
        let rule = FileRule(name: "r", withoutTags: ["restricted"])
        #expect(!holds("/s/.snapshot/a/vault/f", desk(rule)))
        #expect(holds("/s/.snapshot/vault/f", desk(rule)), "`vault` is the name of the snapshot")
    }

    @Test(arguments: [
        (Exemption(users: ["alice"]), true), (Exemption(users: ["bob"]), false), (Exemption(groups: ["g"]), true),
        (Exemption(attributes: ["country": ["DE", "FR"]]), true), (Exemption(attributes: ["country": ["IT"]]), false),
        (Exemption(groups: ["x"], attributes: ["country": ["DE"]]), true), (Exemption(purposes: ["hunt"]), false),
    ])
    func exceptedUserIsNotBound(exemption: Exemption, isExcepted: Bool) {
        let alice = User(name: "alice", groups: ["g"], attributes: ["country": ["DE"]])
        let rule = FileRule(name: "r", withTags: ["secret"], except: exemption)
        #expect(holds("/s/f", desk(rule, alice: alice)) == isExcepted)
    }

    @Test func everyRuleHasToHoldAndAllThatFailAreNamed() {
        let rules = [
            FileRule(name: "one", withTags: ["secret"]), FileRule(name: "two", withoutTags: ["pii"]),
            FileRule(name: "three", date: .component("dt"), youngerThan: TimeSpan("1d")),
        ]
        let desk = desk(rules[0], rules[1], rules[2])
        #expect(!holds("/s/dt=2026-11-21/f", desk))
        #expect(holds("/s/dt=2026-11-21/secret", desk))
        let words = desk.explain("/s/f", as: "alice@R").last?.words ?? ""
        #expect(words.contains("`one`") && words.contains("`three`") && !words.contains("`two`"), "\(words)")
    }

    @Test func traversalDoesNotAskFileRules() {
        let desk = desk(FileRule(name: "r", withTags: ["secret"]))
        #expect(desk.traverse("/s/d", as: "alice@R").outcome == Outcome(.allow, .subscribed))
    }
}
