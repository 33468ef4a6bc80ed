import Dispatch
import Foundation
import Glibc
import Synchronization

/// A system call that may never return, as other threads see it.
final class WatchedCall: Sendable {
    /// Odd while the call is under way.
    private let changes = Atomic<UInt64>(0)

    func begin() {
        changes.add(1, ordering: .relaxed)
    }

    func end() {
        changes.add(1, ordering: .relaxed)
    }

    /// Which call is under way; `nil` for none.
    var current: UInt64? {
        let changes = changes.load(ordering: .relaxed)
        return changes % 2 == 1 ? changes : nil
    }
}

/// Looks after the journal from aside: a thread that waits for a disk cannot say so, and a file that was moved away can be
/// written to all the same.
package final class JournalWatch: Sendable {
    /// Seconds between two looks.
    package static let interval = 1.0
    /// A write that is under way at so many looks in a row hangs: nobody is answered meanwhile.
    static let mostLooksAtWrite = 5
    /// The same of a sync, which may take its time where the disk is busy with something else.
    static let mostLooksAtSync = 30

    private struct Seen {
        var call: UInt64?
        var looks = 0

        /// - Returns: whether it hangs.
        mutating func look(at call: UInt64?, most: Int) -> Bool {
            looks = call != nil && call == self.call ? looks + 1 : 0
            self.call = call
            return looks >= most
        }
    }

    private struct State {
        var write = Seen()
        var sync = Seen()
    }

    private let syncing: Syncing
    private let state = Mutex(State())
    private let wakes = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)

    package init(_ syncing: Syncing) {
        self.syncing = syncing
    }

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - onLook: called on it at every look, for others who wait for something that may never return.
    ///   - onChange: called on it with what is wrong from now on; `nil` when nothing is any more.
    package func start(onLook: @escaping @Sendable () -> Void, onChange: @escaping @Sendable (FileError?) -> Void) {
        let thread = Thread { [self] in
            while !stopping.load(ordering: .acquiring) {
                let before = syncing.trouble
                look()
                onLook()
                if syncing.trouble != before { onChange(syncing.trouble) }
                _ = wakes.wait(timeout: .now() + Self.interval)
            }
            finished.signal()
        }
        thread.name = "audit-watch"
        thread.start()
    }

    /// Ends the thread, and waits for it.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        wakes.signal()
        finished.wait()
    }

    /// Finds out what is wrong now, and lets the journal go by it.
    func look() {
        let hangs = state.withLock { state in
            (
                write: state.write.look(at: syncing.writeCall.current, most: Self.mostLooksAtWrite),
                sync: state.sync.look(at: syncing.syncCall.current, most: Self.mostLooksAtSync)
            )
        }
        if hangs.write {
            syncing.set(trouble: FileError(call: "write", path: syncing.segmentPath, code: ETIMEDOUT))
        } else if hangs.sync {
            syncing.set(trouble: FileError(call: "fdatasync", path: syncing.segmentPath, code: ETIMEDOUT))
        } else if let path = syncing.movedSegment {
            syncing.set(trouble: FileError(call: "stat", path: path, code: ESTALE))
        } else {
            syncing.set(trouble: nil)
        }
    }
}
