import Administration
import Foundation
import Wire

/// The Spark sessions that are told when what they were answered may not be so any more. Belongs to the event loop.
final class SparkWatchers {
    private struct Watcher {
        var connection: ServiceConnection
        var request: RequestID
        /// Of the policies; `nil` for who speaks for many, or maps to none yet.
        var user: String?
    }

    private var watchers: [Watcher] = []

    /// The first item, which says everything, is sent at once.
    func add(_ connection: ServiceConnection, _ request: RequestID, user: String?, version: UInt64) {
        watchers.append(Watcher(connection: connection, request: request, user: user))
        Self.send(SparkInvalidation(policyVersion: version, everything: true), to: watchers[watchers.count - 1])
    }

    func remove(_ connection: ServiceConnection) {
        watchers.removeAll { $0.connection === connection }
    }

    /// - Parameter change: `nil` if it is not known what changed.
    func tell(_ change: RecordedChange?, version: UInt64) {
        guard !watchers.isEmpty else { return }
        let users = change.flatMap(Self.users)
        for watcher in watchers {
            guard let users else {
                Self.send(SparkInvalidation(policyVersion: version, everything: true), to: watcher)
                continue
            }
            // Nobody is told of other users than itself.
            let told = watcher.user.map { users.contains($0) ? [$0] : [] }
            guard told != [] else { continue }
            let news = SparkInvalidation(policyVersion: version, everything: told == nil, users: told ?? [])
            Self.send(news, to: watcher)
        }
    }

    /// The users whom a change touches, if it touches users and nothing else. One that came or went may claim a
    /// principal that was another's.
    private static func users(_ change: RecordedChange) -> Set<String>? {
        guard change.leftOut == nil, change.entries.allSatisfy({ $0.kind == .user && $0.action == .changed }),
            !change.entries.contains(where: { $0.fields.contains { $0.name == "principal" } })
        else { return nil }
        return Set(change.entries.map(\.name))
    }

    private static func send(_ news: SparkInvalidation, to watcher: Watcher) {
        do {
            watcher.connection.sendResultItem(Array(try JSONEncoder().encode(news)), request: watcher.request)
        } catch {
            preconditionFailure("every invalidation can be written as JSON: \(error)")
        }
    }
}
