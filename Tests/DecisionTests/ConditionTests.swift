import Policy
import Testing

@testable import Decision

@Suite("Subscriptions and conditions")
struct ConditionTests {
    private static let alice = User(
        name: "alice", groups: ["analysts", "berlin"], attributes: ["country": ["DE", "FR"], "empty": []])

    @Test(
        arguments: [
            (.group("analysts"), true), (.group("Analysts"), false), (.group("interns"), false),
            (.attribute("country", value: "DE"), true), (.attribute("country", value: "FR"), true),
            (.attribute("country", value: "UK"), false), (.attribute("level", value: "1"), false),
            (.attribute("empty", value: ""), false),
            (.not(.group("interns")), true), (.not(.group("analysts")), false),
            (.not(.not(.group("analysts"))), true),
            (.all([]), true), (.any([]), false), (.not(.all([])), false), (.not(.any([])), true),
            (.all([.group("analysts"), .group("berlin")]), true),
            (.all([.group("analysts"), .group("interns")]), false),
            (.any([.group("interns"), .group("berlin")]), true),
            (.any([.group("interns"), .group("bosses")]), false),
            (.all([.any([.group("interns"), .group("analysts")]), .not(.attribute("country", value: "UK"))]), true),
            (.any([.all([.group("analysts"), .group("interns")]), .not(.group("berlin"))]), false),
        ] as [(Condition, Bool)])
    func conditionHolds(condition: Condition, expected: Bool) {
        #expect(Self.step(.condition(condition)).holds == expected)
    }

    @Test(
        arguments: [
            (.anyone, true), (only("alice"), true), (only("bob"), false), (only(), false),
            (.individuals(users: [], groups: ["berlin", "interns"]), true),
            (.individuals(users: ["bob"], groups: ["interns"]), false),
            (.condition(.group("analysts")), true), (.condition(.group("interns")), false),
        ] as [(Subscription, Bool)])
    func subscriptionHolds(subscription: Subscription, expected: Bool) {
        #expect(Self.step(subscription).holds == expected)
    }

    @Test(
        arguments: [
            (.anyone, "anyone is subscribed to `s`"),
            (only("alice"), "`alice` is subscribed to `s` by name"),
            (.individuals(users: [], groups: ["berlin"]), "`alice` is subscribed to `s` by the group `berlin`"),
            (only("bob"), "`alice` is subscribed to `s` neither by name nor by a group"),
            (.condition(.group("berlin")), "`alice` meets the condition of `s`: in group `berlin`"),
            (
                .condition(.all([.group("berlin"), .not(.attribute("country", value: "DE"))])),
                """
                `alice` does not meet the condition of `s`: (in group `berlin` and not `country` is `DE`) \
                (`country` is `DE` holds and must not)
                """
            ),
            (
                .condition(.any([.group("interns"), .group("bosses")])),
                """
                `alice` does not meet the condition of `s`: (in group `interns` or in group `bosses`) \
                (in group `interns` does not hold; in group `bosses` does not hold)
                """
            ),
        ] as [(Subscription, String)])
    func explanationSaysWhatIsAskedForAndWhatFails(subscription: Subscription, expected: String) {
        #expect(Self.step(subscription).words == expected)
    }

    private static func step(_ subscription: Subscription) -> Resolution.Step {
        let snapshot = policies(users: [alice, User(name: "bob")], sources: [source("s", "/s", for: subscription)])
        let resolution = snapshot.resolution(user: 0, dataSource: 0, at: Instant(milliseconds: 0))
        let access = snapshot.access(user: 0, dataSource: 0, at: Instant(milliseconds: 0))
        #expect((access.outcome == .subscribed) == (resolution.steps[0].holds == true))
        return resolution.steps[0]
    }
}
