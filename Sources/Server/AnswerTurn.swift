import NIOCore
import Wire

/// Collects what one turn of the event loop answers, so that all of it shares one write to the journal.
///
/// Belongs to the event loop. Connections put their answers in while the loop reads sockets; when the loop is done
/// reading it commits the records and lets the answers go.
final class AnswerTurn {
    private let engine: DecisionEngine
    private let loop: any EventLoop
    private let onAuditChange: (DecisionEngine) -> Void
    private var connections: [ServiceConnection] = []
    /// Those that are being sent to; one of them may have more for the next turn.
    private var sending: [ServiceConnection] = []
    private var isScheduled = false
    private var hadFailed = false

    /// - Parameter onAuditChange: called when recording begins to fail, and when it works again.
    init(engine: DecisionEngine, loop: any EventLoop, onAuditChange: @escaping (DecisionEngine) -> Void) {
        self.engine = engine
        self.loop = loop
        self.onAuditChange = onAuditChange
    }

    /// The connection has something to send at the end of this turn.
    func add(_ connection: ServiceConnection) {
        connections.append(connection)
        schedule()
    }

    /// Something is staged that no connection waits for.
    func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute {
            self.isScheduled = false
            self.finish()
        }
    }

    /// Does not let more than a few connections wait for one another: while they are sent to, their peers go on, instead
    /// of all of them waiting for the service and the service then for all of them.
    func finishIfFull() {
        if connections.count >= Self.mostWaiting { finish() }
    }

    private static let mostWaiting = 16

    /// Commits what is staged now and sends the answers. Not to be called while a connection is being read.
    func finish() {
        let mayLeave = engine.commit()
        let isFailing = engine.auditFailure != nil
        if isFailing != hadFailed {
            hadFailed = isFailing
            onAuditChange(engine)
        }
        swap(&connections, &sending)
        for connection in sending {
            if isFailing { engine.countUnrecorded(connection.owedCount) }
            connection.send(denyingOwed: !mayLeave)
        }
        sending.removeAll(keepingCapacity: true)
    }
}
