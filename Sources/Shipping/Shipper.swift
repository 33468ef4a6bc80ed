import Administration
import Audit
import Dispatch
import Foundation
import Logging
import Synchronization

/// Sends the journal's records to one sink, each at least once, on a thread of its own. Whatever the sink does, nobody
/// waits for it.
package final class Shipper: Sendable {
    /// Bytes of the journal that make a batch.
    private static let bytesPerBatch = 256 << 10
    private static let longestPause = 30.0
    private static let shortestPause = 0.25
    /// Seconds in which the rest is sent when the service ends; what is left then goes out after the next start.
    private static let longestEnd = 5.0

    private struct State {
        var shipped: UInt64
        var failure: SinkError?
        /// Since when the sink has been taking a batch; `nil` while it takes none.
        var delivering: ContinuousClock.Instant?
    }

    private let shipment: Shipment
    private let directory: String
    private let longestDelivery: Double
    private let position: ShippedPosition
    private let logger: Logger
    private let state: Mutex<State>
    private let wakes = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)

    /// - Parameters:
    ///   - directory: of the journal, and of the file that says what was shipped.
    ///   - longestDelivery: seconds.
    /// - Throws: ``JournalError`` if that file cannot be read.
    package init(
        _ shipment: Shipment, directory: String, logger: Logger, longestDelivery: Double = Shipment.longestDelivery
    ) throws {
        self.shipment = shipment
        self.directory = directory
        self.logger = logger
        self.longestDelivery = longestDelivery
        position = ShippedPosition(directory: directory, name: shipment.name)
        state = Mutex(State(shipped: try position.read()))
    }

    /// The number of the last record up to which the sink has everything.
    package var shipped: UInt64 { state.withLock { $0.shipped } }

    /// - Parameter last: the number of the last record that could be shipped.
    package func status(last: UInt64) -> SinkStatus {
        state.withLock { state in
            SinkStatus(
                sink: shipment.name, shipped: state.shipped, waiting: last - min(last, state.shipped),
                state: state.failure.map { $0.isTimeout ? "hangs" : "fails" } ?? "works",
                failure: state.failure?.message)
        }
    }

    /// Starts the thread.
    ///
    /// - Parameter through: the number of the last record that is on disk: what is not may be gone tomorrow.
    package func start(through: @escaping @Sendable () -> UInt64) {
        let thread = Thread { [self] in
            run(through)
            finished.signal()
        }
        thread.name = "audit-\(shipment.name)"
        thread.start()
    }

    /// There may be more to send.
    package func wake() {
        wakes.signal()
    }

    /// Looks from aside whether the sink hangs. A thread that waits for the kernel, as for a file on a disk that does
    /// not answer, cannot say so itself. To be called every second or so.
    package func look() {
        fail(.timeout(shipment.name)) { state in
            // A second more: a sink that ends with its deadline tells of that in its own words.
            state.delivering.map { $0 + .seconds(longestDelivery + 1) < .now } ?? false
        }
    }

    /// Ends the thread once everything is sent, or that takes too long.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        wakes.signal()
    }

    /// Waits for the end of the thread, but not for a sink that does not return: what it has not taken goes out after
    /// the next start.
    package func awaitEnd() {
        let longest = Self.longestEnd + longestDelivery
        if finished.wait(timeout: .now() + longest) == .timedOut {
            logger.error("a sink of audit records does not return", metadata: ["sink": "\(shipment.name)"])
        }
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func run(_ through: () -> UInt64) {
        let sink = shipment.makeSink()
        let reader = JournalReader(directory: directory, next: shipped + 1, bytesPerRead: Self.bytesPerBatch)
        var waiting: [AuditRecord] = []
        var pause = Self.shortestPause
        var end: Deadline?
        while end?.milliseconds != 0 {
            if isStopping, end == nil { end = Deadline(seconds: Self.longestEnd) }
            do {
                if waiting.isEmpty { waiting = try reader.read(through: through()) }
                guard let last = waiting.last else {
                    if isStopping { return }
                    wakes.wait()
                    continue
                }
                state.withLock { $0.delivering = .now }
                try sink.deliver(waiting, until: Deadline(seconds: longestDelivery))
                try position.write(last.sequence)
                succeed(last.sequence)
                waiting = []
                pause = Self.shortestPause
            } catch {
                state.withLock { $0.delivering = nil }
                fail(error as? SinkError ?? SinkError("\(error)"))
                if isStopping { return }
                sleep(pause)
                pause = min(Self.longestPause, pause * 2)
            }
        }
    }

    /// Less if the service ends.
    private func sleep(_ seconds: Double) {
        let deadline = Deadline(seconds: seconds)
        while !isStopping, deadline.milliseconds > 0 {
            _ = wakes.wait(timeout: .now() + .milliseconds(Int(deadline.milliseconds)))
        }
    }

    private func succeed(_ sequence: UInt64) {
        let failed = state.withLock { state in
            defer { state = State(shipped: sequence) }
            return state.failure != nil
        }
        if failed { logger.notice("audit records are shipped again", metadata: ["sink": "\(shipment.name)"]) }
    }

    private func fail(_ failure: SinkError, if applies: (State) -> Bool = { _ in true }) {
        let isNew = state.withLock { state in
            guard applies(state), state.failure != failure else { return false }
            state.failure = failure
            return true
        }
        guard isNew else { return }
        logger.error(
            "audit records are not shipped at the moment",
            metadata: [
                "sink": "\(shipment.name)", "state": failure.isTimeout ? "hangs" : "fails",
                "error": "\(failure.message)",
            ])
    }
}
