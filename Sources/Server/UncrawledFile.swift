import Catalogue
import Decision
import Wire

/// A file that no crawl has seen: rules 11 and 12 by what the NameNode says of it and of the way to it, where it does.
extension Answering {
    /// - Parameter decision: by the catalogue alone, `not-in-catalogue`.
    /// - Returns: the decision; `nil` if the asker should tell the permissions first.
    mutating func decide(
        uncatalogued decision: Decision, _ question: QuestionFields, _ body: borrowing Span<UInt8>,
        _ known: KnownCaller, now: Moment
    ) -> Decision? {
        guard let path = CanonicalPath.canonical(body.extracting(question.path)) else { return decision }
        let sources = unseen(path)
        if question.permissions == nil, question.offersPermissions, sources.contains(where: { $0.credential != nil }) {
            return nil
        }
        for source in sources { missed.note(path, of: source.id, now: now.monotonic) }
        guard let start = question.permissions?.lowerBound else { return decision }
        var reader = FieldReader(at: start)
        guard let inodes = try? reader.readPermissions(body), inodes.count >= Self.inodes(of: path) else {
            return decision
        }
        var catalogue = catalogue
        let readable = sources.filter { $0.credential?.mayRead(inodes) == true }.map(\.id)
        for id in readable {
            let item = FileTable.Item(path: path.span, state: .readable, modificationTime: 0)
            catalogue.dataSources[id] = DataSourceFiles(FileTable([item]))
        }
        var again = rules(for: question, catalogue, now: now).decide(
            path: path.span, evidence: body, caller: known.caller, standing: known.standing, cache: &cache)
        // Where several data sources cover the file, the one that the answer names may have it in its catalogue.
        if again.reason == .subscribed, let named = again.dataSource, readable.contains(snapshot.dataSources[named].id)
        {
            again.reason = .subscribedUncrawled
        }
        return again
    }

    /// Has a file crawled that a file rule was asked about, if no crawl has seen it: the rule may go by its age.
    mutating func noteUnseen(_ path: borrowing Span<UInt8>, now: Moment) {
        guard let path = CanonicalPath.canonical(path) else { return }
        for source in unseen(path) { missed.note(path, of: source.id, now: now.monotonic) }
    }

    /// How many inodes a path has, `/` among them; in a snapshot it is one more.
    private static func inodes(of path: [UInt8]) -> Int {
        1 + path.split(separator: UInt8(ascii: "/")).count
    }

    /// The data sources that hold a path by their cover, and whose last crawl did not see it.
    private func unseen(_ path: [UInt8]) -> [(id: UInt32, credential: Credential?)] {
        guard let group = snapshot.cover.group(of: path.span) else { return [] }
        return snapshot.cover.groups[Int(group)].compactMap { member in
            let id = snapshot.dataSources[member].id
            guard catalogue.lookUp(dataSource: id, path: path.span) == .unseen else { return nil }
            return (id, catalogue.dataSources[id]?.credential)
        }
    }
}
