import ReferenceModel

/// A world, and what happens in it, one thing after another: what product and model are put through.
package struct Scenario: Equatable, Sendable {
    package var start: World
    package var clock: Clock
    package var steps: [Step] = []

    package init(start: World, clock: Clock) {
        self.start = start
        self.clock = clock
    }
}

/// The two clocks of the service.
package struct Clock: Equatable, Sendable {
    /// Milliseconds since 1970.
    package var wall: Instant
    /// Milliseconds since some moment; nobody sets it.
    package var monotonic: Int64

    package init(wall: Instant, monotonic: Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }
}

package enum Step: Equatable, Sendable {
    /// So many milliseconds pass.
    case wait(Int64)
    /// Somebody sets the wall clock, by so many milliseconds.
    case setClock(Int64)
    case apply(PolicyEdit)
    /// Back to the policies of an earlier version, which were these.
    case rollBack(to: Policies)
    case perform(Command)
    /// A crawl of a data source ends, or what it found counts no more.
    case crawl(Text, Crawl?)
    /// The service ends and starts again, perhaps with other settings.
    case restart(Naming, DecisionSettings)
    /// As ``apply(_:)``, by a service that has read everything anew from its store, as it does for a large change, or
    /// when somebody else has written there.
    case applyAnew(PolicyEdit)
    case flushCache
    case ask([Question])
    /// `authorizer check`
    case check(Question)
    /// `authorizer explain`
    case explain(Text, dataSource: Text)
    /// `authorizer who-can-read`
    case whoCanRead(Text)
}

extension Step {
    /// The kind of step, for a count.
    package var kind: String {
        switch self {
        case .wait: "wait"
        case .setClock(let by): by < 0 ? "clock set back" : "clock set forward"
        case .apply(let edit): edit.needsPrune ? "apply --prune" : "apply"
        case .rollBack: "rollback"
        case .perform(let command): Self.kind(of: command)
        case .crawl(_, let crawl): crawl == nil ? "catalogue gone" : "crawl"
        case .restart: "restart"
        case .applyAnew: "apply, everything read anew"
        case .flushCache: "cache flush"
        case .ask: "ask"
        case .check: "check"
        case .explain: "explain"
        case .whoCanRead: "who-can-read"
        }
    }

    private static func kind(of command: Command) -> String {
        switch command {
        case .switchProject(_, let project): project == nil ? "project switch --none" : "project switch"
        case .acknowledge: "project acknowledge"
        case .withdraw: "project acknowledge --withdraw"
        case .request: "subscription request"
        case .withdrawRequest: "subscription withdraw"
        case .deny: "subscription deny"
        case .approve(_, let span): span == nil ? "subscription approve" : "subscription approve --for"
        case .revoke: "subscription revoke"
        }
    }

    /// Of every step there is.
    package static let kinds = [
        "wait", "clock set back", "clock set forward", "apply", "apply --prune", "rollback", "project switch",
        "project switch --none", "project acknowledge", "project acknowledge --withdraw", "subscription request",
        "subscription withdraw", "subscription deny", "subscription approve", "subscription approve --for",
        "subscription revoke", "crawl", "catalogue gone", "restart", "apply, everything read anew", "cache flush",
        "ask", "check",
        "explain", "who-can-read",
    ]
}
