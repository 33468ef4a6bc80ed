import Decision
import RandomWorlds
import ReferenceModel
import Wire

/// What random scenarios have come to, so that a comparison that leaves something out fails.
struct Coverage {
    private(set) var questions = 0
    private var counts: [String: Int] = [:]

    /// Everything but the features of the model.
    private static var wanted: [String] {
        Step.kinds + ReferenceModel.Reason.allCases.map { "reason \($0.rawValue)" }
            + ["read", "traverse", "move"] + ["made anew", "from the cache", "from the cache, of an earlier version"]
            + [
                "cache hits", "cache evaluations", "cache entries too old", "cache entries outdated",
                "cache entries evicted",
            ]
    }

    mutating func count(_ step: Step) {
        counts[step.kind, default: 0] += 1
    }

    mutating func count(
        _ question: ReferenceModel.Question, _ expected: ReferenceModel.Answer, _ answer: Wire.Answer, version: UInt64
    ) {
        questions += 1
        counts["reason \(expected.reason.rawValue)", default: 0] += 1
        switch question.operation {
        case .read: counts["read", default: 0] += 1
        case .traverse: counts["traverse", default: 0] += 1
        case .move: counts["move", default: 0] += 1
        }
        counts[answer.wasCached ? "from the cache" : "made anew", default: 0] += 1
        if answer.wasCached, answer.policyVersion < version {
            counts["from the cache, of an earlier version", default: 0] += 1
        }
    }

    /// - Parameter before: `nil` if the service counts from 0 again.
    mutating func count(_ now: DecisionCache.Statistics, since before: DecisionCache.Statistics?) {
        counts["cache hits", default: 0] += Int(now.hits - (before?.hits ?? 0))
        counts["cache evaluations", default: 0] += Int(now.evaluations - (before?.evaluations ?? 0))
        counts["cache entries too old", default: 0] += Int(now.expired - (before?.expired ?? 0))
        counts["cache entries outdated", default: 0] += Int(now.outdated - (before?.outdated ?? 0))
        counts["cache entries evicted", default: 0] += Int(now.evicted - (before?.evicted ?? 0))
    }

    mutating func add(_ other: Coverage) {
        questions += other.questions
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// How often everything was come to that there is, the rarest first.
    func all(_ notebook: Notebook) -> [(what: String, count: Int)] {
        let all =
            Self.wanted.map { ($0, counts[$0, default: 0]) } + Feature.allCases.map { ($0.rawValue, notebook[$0]) }
        return all.sorted { $0.1 < $1.1 }
    }
}
