import Dispatch
import Foundation
import Synchronization

/// Looks through the journal for the records of a query: on several threads, which stand back for those that answer,
/// where it is more than a block.
///
/// Blocks are looked at in the order of the plan, several at a time; what comes of them is put together in that order,
/// and what lies behind the last record that was asked for counts for nothing.
final class AuditScan<Findings: AuditFindings>: Sendable {
    private struct State {
        var plan: ScanPlan
        /// Units that somebody has taken.
        var taken = 0
        /// What came of units while those before them were still looked at.
        var early: [Int: Result<Findings, any Error>] = [:]
        /// What came of all up to the first that is not done.
        var parts: [Findings] = []
        var count = 0
        var failure: (any Error)?
    }

    private let match: AuditMatch
    private let limit: Int
    private let state: Mutex<State>
    private let isOver = Atomic<Bool>(false)

    /// Threads of one query at most.
    private static var mostThreads: Int { 4 }

    /// - Parameter limit: most records that are asked for.
    init(_ plan: ScanPlan, _ match: AuditMatch, limit: Int) {
        self.match = match
        self.limit = limit
        state = Mutex(State(plan: plan))
    }

    /// - Returns: what came of each block, in the order of the plan; more than was asked for, perhaps.
    /// - Throws: what the store or the journal does, unless all that was asked for had been found before.
    func run() throws -> [Findings] {
        // Most questions are for the newest, and need no thread.
        var reader = PieceReader()
        if lookAtNext(&reader), state.withLock({ !$0.plan.isDone }) {
            onThreads(max(1, min(Self.mostThreads, ProcessInfo.processInfo.activeProcessorCount)))
        }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.parts
        }
    }

    private func onThreads(_ count: Int) {
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<count {
            let thread = Thread { [self] in
                StandingBack.query.begin()
                var reader = PieceReader()
                while lookAtNext(&reader) {}
                ended.signal()
            }
            thread.name = "audit-query"
            thread.start()
        }
        for _ in 0..<count { ended.wait() }
    }

    /// - Returns: whether there may be more to look at.
    private func lookAtNext(_ reader: inout PieceReader) -> Bool {
        guard let (number, unit) = take() else { return false }
        let result = Result<Findings, any Error> {
            try reader.look(at: unit, for: match, limit: limit) { isOver.load(ordering: .relaxed) }
        }
        settle(number, result)
        return !isOver.load(ordering: .relaxed)
    }

    private func take() -> (number: Int, unit: ScanUnit)? {
        state.withLock { state in
            guard !isOver.load(ordering: .relaxed) else { return nil }
            let number = state.taken
            do {
                guard let unit = try state.plan.next() else { return nil }
                state.taken += 1
                return (number, unit)
            } catch {
                state.taken += 1
                settle(number, .failure(error), &state)
                return nil
            }
        }
    }

    private func settle(_ number: Int, _ result: Result<Findings, any Error>) {
        state.withLock { settle(number, result, &$0) }
    }

    private func settle(_ number: Int, _ result: Result<Findings, any Error>, _ state: inout State) {
        state.early[number] = result
        while !isOver.load(ordering: .relaxed), let next = state.early.removeValue(forKey: state.parts.count) {
            switch next {
            case .success(let findings):
                state.parts.append(findings)
                state.count += findings.count
                if state.count >= limit { isOver.store(true, ordering: .relaxed) }
            case .failure(let error):
                state.failure = error
                isOver.store(true, ordering: .relaxed)
            }
        }
    }
}
