import Glibc
import NIOCore
import Wire

/// Collects what one turn of the event loop answers, so that all of it shares one write to the journal.
///
/// Belongs to the event loop. Connections put their answers in while the loop reads sockets; when the loop is done
/// reading it commits the records and lets the answers go. Peers under load have their next question there by then: so
/// before the loop asks the kernel which sockets are readable, the turn looks at those that it has just answered.
final class AnswerTurn {
    private let engine: DecisionEngine
    private let loop: any EventLoop
    private let onAuditChange: (DecisionEngine) -> Void
    private var connections: [ServiceConnection] = []
    /// Those that are being sent to; one of them may have more for the next turn.
    private var sending: [ServiceConnection] = []
    /// Those that were sent to since the loop last asked the kernel, the longest ago first.
    private var answered: [ServiceConnection] = []
    private let receiveSpace = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 << 10)
    private var lookOut = LookOut()
    /// Something is collected that the turn has to be finished for.
    private var isDue = false
    private var isScheduled = false
    private var isRunning = false
    private var hadFailed = false

    /// - Parameter onAuditChange: called when recording begins to fail, and when it works again.
    init(engine: DecisionEngine, loop: any EventLoop, onAuditChange: @escaping (DecisionEngine) -> Void) {
        self.engine = engine
        self.loop = loop
        self.onAuditChange = onAuditChange
    }

    deinit {
        receiveSpace.deallocate()
    }

    /// The connection has something to send at the end of this turn.
    func add(_ connection: ServiceConnection) {
        connections.append(connection)
        schedule()
    }

    /// Something is staged that no connection waits for.
    func schedule() {
        isDue = true
        runLater()
    }

    private func runLater() {
        guard !isRunning, !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute { self.run() }
    }

    private func run() {
        isScheduled = false
        isRunning = true
        if isDue { finish() }
        lookAgain()
        isRunning = false
        if isDue { runLater() }
    }

    /// Does not let more than a few connections wait for one another: while they are sent to, their peers go on, instead
    /// of all of them waiting for the service and the service then for all of them.
    func finishIfFull() {
        if connections.count >= Self.mostWaiting { finish() }
    }

    private static let mostWaiting = 16

    /// Commits what is staged now and sends the answers. Not to be called while a connection is being read.
    func finish() {
        isDue = false
        let mayLeave = engine.commit()
        let isFailing = engine.auditFailure != nil
        if isFailing != hadFailed {
            hadFailed = isFailing
            onAuditChange(engine)
            // What it has to say goes with the next turn.
            schedule()
        }
        swap(&connections, &sending)
        for connection in sending {
            engine.countUnrecorded(connection.owedCount)
            connection.send(denyingOwed: !mayLeave)
        }
        answered.append(contentsOf: sending)
        sending.removeAll(keepingCapacity: true)
    }

    // MARK: Looking again

    /// How often in a row, so that other connections and tasks of the loop wait for no more than a few turns.
    private static let mostLooks = 8

    /// Goes on with the connections just answered that have sent their next questions meanwhile.
    private func lookAgain() {
        defer { answered.removeAll(keepingCapacity: true) }
        guard lookOut.isWorthwhile() else { return }
        // A peer that shares this core asks its next question only if it is let.
        if answered.count == 1 { sched_yield() }
        var next = 0
        for look in 0..<Self.mostLooks {
            let end = min(answered.count, next + Self.mostWaiting)
            while next < end {
                answered[next].receiveDirectly(in: receiveSpace)
                next += 1
            }
            if look == 0 { lookOut.note(found: isDue) }
            guard isDue else { return }
            finish()
        }
    }
}

/// Whether looking for the next question right after an answer has paid lately. Where peers take their time, it only
/// costs a system call.
struct LookOut {
    private var skips = 0
    private var nextSkips = 1

    private static let mostSkips = 64

    mutating func isWorthwhile() -> Bool {
        guard skips > 0 else { return true }
        skips -= 1
        return false
    }

    mutating func note(found: Bool) {
        if found {
            nextSkips = 1
        } else {
            skips = nextSkips
            nextSkips = min(nextSkips * 2, Self.mostSkips)
        }
    }
}
