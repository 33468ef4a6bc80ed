import Dispatch
import Foundation
import Glibc
import Synchronization

/// The thread that removes and compresses old segments: whenever one is finished, and every minute. It gives way to all
/// others.
final class AuditUpkeep: Sendable {
    private static let interval: TimeInterval = 60

    private let wakes = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)

    /// - Parameter work: called on the thread; it asks from time to time whether it is to end.
    func start(_ work: @escaping @Sendable (_ isStopping: () -> Bool) -> Void) {
        let thread = Thread { [self] in
            // Of this thread only, on Linux.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
            let isStopping = { self.stopping.load(ordering: .acquiring) }
            while !isStopping() {
                work(isStopping)
                _ = wakes.wait(timeout: .now() + Self.interval)
            }
            finished.signal()
        }
        thread.name = "audit-upkeep"
        thread.start()
    }

    func wake() {
        wakes.signal()
    }

    /// Ends the thread, and waits for it.
    func stop() {
        stopping.store(true, ordering: .releasing)
        wakes.signal()
        finished.wait()
    }
}
