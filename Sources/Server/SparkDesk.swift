import Administration
import Audit
import Crypto
import Decision
import Foundation
import NIOCore
import Policy
import Wording

/// What Spark sessions ask and say. Works on threads of the administrator's, with the policies that were in force when
/// the question came; the event loop, and the NameNode's questions with it, waits for nothing here.
struct SparkDesk: Sendable {
    /// What comes of a command.
    enum Outcome: Sendable {
        /// The JSON to send once the records are written.
        case answer([UInt8], [SparkRecord])
        /// - Parameter user: whose decisions the session holds; `nil` for anybody's.
        case watch(user: String?)
    }

    let administrator: Administrator
    let snapshot: Snapshot
    let now: Moment
    /// Nanoseconds.
    let timeToLive: UInt64
    let party: Party

    /// - Returns: fails with ``CommandRefusal`` or ``RoleRefusal``.
    func perform(_ command: SparkCommand, on loop: any EventLoop) -> EventLoopFuture<Outcome> {
        administrator.query(on: loop) { [self] in
            switch command {
            case .watch:
                let own = party.isGateway ? nil : try? administrator.speaker(party, claiming: nil, in: snapshot)
                return .watch(user: own?.user(in: snapshot))
            case .lookUp(let request):
                try count()
                let (policies, records) = try lookUp(request)
                return .answer(CommandOutcome.done(policies).json, records)
            case .report(let report):
                try count()
                return .answer(CommandOutcome.done(true).json, try records(of: report))
            }
        }
    }

    private func count() throws {
        guard !party.isGateway else { return }
        try administrator.sparkQuestions.withLock { try $0.count(party.account, at: now) }
    }

    // MARK: Looking up

    private func lookUp(_ request: SparkLookUp) throws -> (SparkPolicies, [SparkRecord]) {
        let (relations, paths) = (1...SparkLookUp.mostRelations, 1...SparkLookUp.mostPaths)
        guard relations.contains(request.relations.count),
            request.relations.allSatisfy({ paths.contains($0.paths.count) })
        else {
            throw CommandRefusal(
                .invalid,
                "a look-up has 1 to \(relations.upperBound) relations, each of 1 to \(paths.upperBound) paths")
        }
        let speaker = try administrator.speaker(party, claiming: request.principal, in: snapshot)
        let user = speaker.user(in: snapshot)
        var policies = SparkPolicies(
            principal: speaker.caller.principal, user: user, isGoverned: snapshot.governs(speaker.standing),
            policyVersion: snapshot.version, maxAgeSeconds: Int(timeToLive / 1_000_000_000), relations: [])
        var records: [SparkRecord] = []
        for asked in request.relations {
            let reading = snapshot.tableReading(
                of: asked.paths.map { Array($0.utf8) }, by: speaker.caller, standing: speaker.standing, at: now.wall)
            let answer = try relation(reading, speaker)
            policies.relations.append(answer)
            if reading.lifetime != Access.endless {
                policies.maxAgeSeconds = min(policies.maxAgeSeconds, Int(reading.lifetime))
            }
            records += record(reading, answer, asked, speaker, user, query: request.query)
        }
        return (policies, records)
    }

    private func relation(_ reading: TableReading, _ speaker: Speaker) throws -> SparkPolicies.Relation {
        var answer = SparkPolicies.Relation(decision: reading.verdict.word, reason: reading.reason.word)
        let sources = reading.dataSources.map { snapshot.dataSources[$0].definition }
        answer.dataSources = sources.map(\.name)
        answer.kind = sources.first?.kind.rawValue
        answer.contact = sources.first?.contact ?? snapshot.settings.contact
        if reading.verdict == .deny {
            answer.message =
                reading.words
                ?? DenialWords.words(for: reading.decision(policyVersion: snapshot.version), in: snapshot)
        }
        answer.needsGrant = reading.needsGrant
        guard reading.needsGrant else { return answer }
        try put(reading, sources.filter { $0.kind == .table }, into: &answer)
        answer.id = try Self.id(answer, speaker)
        return answer
    }

    private func put(
        _ reading: TableReading, _ tables: [DataSource], into answer: inout SparkPolicies.Relation
    ) throws {
        let restricts = reading.policies.contains { $0.bound.restrict }
        guard !restricts || Set(tables.map(\.columns)).count == 1, Set(tables.map(\.format)).count == 1 else {
            answer.decision = Verdict.deny.word
            answer.reason = Reason.policy.word
            answer.message =
                "\(tables.map { quoted($0.name) }.joined(separator: " and ")) share a directory and declare other "
                + "`columns` or another `format`; ask who keeps the policies to make them the same"
            return
        }
        answer.format = tables.first?.format.map(SparkPolicies.Format.init)
        answer.schema = tables.first.flatMap { $0.columns.isEmpty ? nil : $0.columns.map(SparkPolicies.Column.init) }
        var masks: [(rank: Int, mask: SparkPolicies.Mask)] = []
        for (dataSource, bound) in reading.policies {
            for filter in bound.filters {
                guard let condition = filter.condition else { continue }
                answer.filters.append(
                    SparkPolicies.Filter(
                        policy: Self.name(filter.policy, filter.name), condition: condition.tree(for: bound.values)))
            }
            let name = snapshot.dataSources[dataSource].definition.name
            for mask in bound.masks { masks.append((mask.method.rank, try self.mask(mask, bound, of: name))) }
        }
        // The strictest first, whichever of several data sources says it.
        answer.masks = masks.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element.mask)
    }

    private func mask(
        _ bound: DataPolicies.BoundMask, _ policies: DataPolicies, of dataSource: String
    ) throws -> SparkPolicies.Mask {
        var mask = SparkPolicies.Mask(
            column: bound.column.name, policy: Self.name(bound.policy, bound.name), method: .null)
        mask.when = bound.condition?.tree(for: policies.values)
        switch bound.method {
        case .null: break
        case .constant(let value): (mask.method, mask.value) = (.constant, value)
        case .hash:
            mask.method = .hash
            mask.salt = try salt(policies, of: dataSource)
        case .roundNumber(let step): (mask.method, mask.value) = (.round, step)
        case .roundDate(let unit): (mask.method, mask.value) = (.truncate, unit.rawValue)
        case .regex(let pattern, let replacement):
            (mask.method, mask.value, mask.replacement) = (.regex, pattern, replacement)
        case .expression:
            mask.method = .expression
            mask.expression = bound.expression?.tree(for: policies.values)
        }
        return mask
    }

    /// In Base64.
    private func salt(_ policies: DataPolicies, of dataSource: String) throws -> String {
        let (kind, name) = policies.project.map { (ObjectKind.project, $0) } ?? (.dataSource, dataSource)
        guard let salt = try administrator.store.salt(of: kind, named: name) else {
            throw CommandRefusal(.failed, "the store has no salt of the \(kind.named(name)); try again")
        }
        return Data(salt).base64EncodedString()
    }

    private static func name(_ policy: String?, _ name: String) -> String {
        policy.map { "\($0)/\(name)" } ?? name
    }

    /// Of everything that is decided, so that another decision has another one.
    private static func id(_ answer: SparkPolicies.Relation, _ speaker: Speaker) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var hash = SHA256()
        hash.update(data: Data(speaker.caller.principal.utf8))
        hash.update(data: [0])
        hash.update(data: try encoder.encode(answer))
        return hash.finalize().prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    // MARK: Recording

    /// Nothing is recorded of what nothing protects.
    private func record(
        _ reading: TableReading, _ answer: SparkPolicies.Relation, _ asked: SparkLookUp.Relation, _ speaker: Speaker,
        _ user: String?, query: String?
    ) -> [SparkRecord] {
        func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
        let detail =
            "policy look-up of \(quoted(asked.table ?? "a relation")), format \(quoted(asked.format ?? "unknown")): "
            + "row filters \(list(answer.filters.map(\.policy))); "
            + "masks \(list(answer.masks.map { "\($0.policy) on \($0.column)" }))"
        return answer.dataSources.map { name in
            var record = SparkRecord(
                kind: .lookUp, verdict: Verdict(word: answer.decision), reason: Reason(word: answer.reason),
                policyVersion: snapshot.version, speaker: speaker, user: user, dataSource: name, detail: detail)
            record.job = query ?? ""
            return record
        }
    }

    /// One for each table; of a table that was read under several grants, one for each, so that each is found by its
    /// grant.
    private func records(of report: SparkReport) throws -> [SparkRecord] {
        guard report.tables.count <= SparkReport.mostTables,
            report.tables.allSatisfy({ $0.grants.count <= SparkReport.mostGrants })
        else {
            throw CommandRefusal(
                .invalid,
                "a report has at most \(SparkReport.mostTables) tables, each with \(SparkReport.mostGrants) grants")
        }
        let speaker = try administrator.speaker(party, claiming: report.principal, in: snapshot)
        let user = speaker.user(in: snapshot)
        return report.tables.flatMap { table in
            let grants = table.grants.isEmpty ? [""] : table.grants
            return grants.map { grant in
                var record = SparkRecord(
                    kind: .query, policyVersion: report.policyVersion, speaker: speaker, user: user,
                    dataSource: table.dataSource, detail: Self.words(for: table, textHash: report.textHash))
                record.job = report.application
                record.grant = grant
                return record
            }
        }
    }

    private static func words(for table: SparkReport.Table, textHash: String?) -> String {
        func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
        let rows = table.rowsNotShown.map { "\($0.isLeast ? "at least " : "")\($0.count)" } ?? "unknown"
        var parts = [
            "the session says: columns read \(list(table.columns))", "row filters \(list(table.filters))",
            "masks \(list(table.masks))", "rows not shown \(rows)",
        ]
        if table.grants.count > 1 { parts.append("under \(table.grants.count) grants, a record for each") }
        if let textHash { parts.append("text \(textHash)") }
        return parts.joined(separator: "; ")
    }
}
