import Administration
import NIOCore
import Wire

/// The peers that watch the cover, and how far each has followed. Belongs to the event loop.
final class Watchers {
    private struct Watcher {
        var connection: ServiceConnection
        var request: RequestID
        var taken: UInt64 = 0
    }

    private struct Waiting {
        var version: UInt64
        var promise: EventLoopPromise<[String]>
    }

    private var watchers: [ObjectIdentifier: Watcher] = [:]
    private var waiting: [Waiting] = []
    /// What every watcher should go by. Its version is the policy version at which the cover last changed.
    private(set) var cover: CoverMessage

    init(cover: CoverMessage) {
        self.cover = cover
    }

    func add(_ connection: ServiceConnection, request: RequestID) {
        watchers[ObjectIdentifier(connection)] = Watcher(connection: connection, request: request)
    }

    func remove(_ connection: ServiceConnection) {
        watchers[ObjectIdentifier(connection)] = nil
        settle()
    }

    func took(_ connection: ServiceConnection, version: UInt64) {
        watchers[ObjectIdentifier(connection)]?.taken = version
        settle()
    }

    var count: Int { watchers.count }

    var status: [Status.Watcher] {
        watchers.values.map { Status.Watcher(peer: Self.name($0.connection), coverVersion: $0.taken) }
            .sorted { $0.peer < $1.peer }
    }

    /// Goes by another cover: every watcher is told, unless it is the same.
    func install(_ cover: CoverMessage) {
        guard cover.version != self.cover.version else { return }
        self.cover = cover
        for watcher in watchers.values { watcher.connection.sendCover(request: watcher.request) }
    }

    /// Completes when every watcher goes by the current cover, or after a time, with those that do not yet.
    func late(after deadline: TimeAmount, on loop: any EventLoop) -> EventLoopFuture<[String]> {
        let promise = loop.makePromise(of: [String].self)
        let version = cover.version
        waiting.append(Waiting(version: version, promise: promise))
        loop.assumeIsolated().scheduleTask(in: deadline) {
            guard let index = self.waiting.firstIndex(where: { $0.promise.futureResult === promise.futureResult })
            else { return }
            self.waiting.remove(at: index)
            promise.succeed(self.behind(version))
        }
        settle()
        return promise.futureResult
    }

    private func behind(_ version: UInt64) -> [String] {
        watchers.values.filter { $0.taken < version }.map { Self.name($0.connection) }.sorted()
    }

    private func settle() {
        waiting.removeAll { entry in
            guard behind(entry.version).isEmpty else { return false }
            entry.promise.succeed([])
            return true
        }
    }

    private static func name(_ connection: ServiceConnection) -> String {
        "\(connection.clientName) (\(connection.peer))"
    }
}
