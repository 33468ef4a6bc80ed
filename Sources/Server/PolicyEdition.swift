import Decision
import Wire

/// The policies of one version in all the forms in which the service needs them, made away from the event loop.
struct PolicyEdition: Sendable {
    let snapshot: Snapshot
    let cover: CoverMessage

    /// - Parameter previous: the edition before this one; if both cover, ignore and name the same, the cover stays the
    ///   one that watchers have already.
    init(_ snapshot: Snapshot, after previous: PolicyEdition?) {
        self.snapshot = snapshot
        if let previous, previous.snapshot.coverChangedAt == snapshot.coverChangedAt {
            cover = previous.cover
            return
        }
        let entries = Self.entries(of: snapshot)
        if let previous, previous.cover.entries == entries {
            cover = previous.cover
        } else {
            cover = CoverMessage(version: snapshot.version, entries: entries)
        }
    }

    private static func entries(of snapshot: Snapshot) -> [CoverEntry] {
        var entries = snapshot.cover.entries.map { CoverEntry.directory(id: $0.group, path: $0.path) }
        entries += snapshot.ignoredUsers.names.map { CoverEntry.ignoredUser($0) }
        if !snapshot.settings.contact.isEmpty { entries.append(.contact(snapshot.settings.contact)) }
        return entries
    }
}
