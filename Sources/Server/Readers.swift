import Administration
import Catalogue
import Decision
import Policy

/// Finds the users who may read a file. Takes as long as there are users: away from the event loop.
struct Readers: Sendable {
    let snapshot: Snapshot
    let catalogue: CatalogueView
    let now: Moment

    func find(_ request: WhoCanReadRequest) throws -> WhoCanReadResult {
        let bytes = Array(request.path.utf8)
        guard let path = CanonicalPath.canonical(bytes.span) else {
            throw CommandRefusal(.invalid, "`\(request.path)` cannot be made canonical; write an absolute HDFS path")
        }
        guard let group = snapshot.cover.group(of: path.span) else {
            return WhoCanReadResult(
                path: request.path, dataSources: [], policyVersion: snapshot.version, readers: [], count: 0,
                notes: ["no data source covers the path: HDFS's own permissions decide for everybody"])
        }
        let sources = snapshot.cover.groups[Int(group)]
        var scratch = DecisionCache(capacity: 8, timeToLive: 0)
        var readers: [(name: String, user: Int, decision: Decision)] = []
        for user in snapshot.allUsers {
            var silence = NoTrace()
            let decision = ReadRules(snapshot: snapshot, catalogue: catalogue, now: now).decide(
                user: user, path: path.span, cache: &scratch, trace: &silence)
            if decision.verdict != .deny { readers.append((snapshot.userName(user), user, decision)) }
        }
        readers.sort { $0.name < $1.name }
        return WhoCanReadResult(
            path: request.path, dataSources: sources.map { snapshot.dataSources[$0].definition.name },
            policyVersion: snapshot.version,
            readers: readers.prefix(max(0, request.limit)).map { reader($0.user, $0.decision, sources) },
            count: readers.count, notes: notes(sources))
    }

    private func reader(_ user: Int, _ decision: Decision, _ sources: [Int]) -> WhoCanReadResult.Reader {
        let words = sources.flatMap { source in
            snapshot.resolution(user: user, dataSource: source, at: now.wall).steps
                .filter { $0.holds == true }.map(\.sentence)
        }
        return WhoCanReadResult.Reader(
            user: snapshot.userName(user), decision: decision.verdict.word, reason: decision.reason.word,
            words: words.joined(separator: "; "))
    }

    /// Who reads by HDFS's own permissions, and is no user.
    private func notes(_ sources: [Int]) -> [String] {
        var notes: [String] = []
        if !snapshot.ignoredUsers.names.isEmpty {
            notes.append(
                "HDFS's own permissions decide for ignored users: \(snapshot.ignoredUsers.names.joined(separator: ", "))"
            )
        }
        let owners = sources.compactMap { snapshot.dataSources[$0].definition.credential?.principal }
        if !owners.isEmpty {
            notes.append("HDFS's own permissions decide for the credential \(owners.joined(separator: ", "))")
        }
        if snapshot.settings.unmapped == .native {
            notes.append("HDFS's own permissions decide for principals that map to no user")
        }
        return notes
    }
}
