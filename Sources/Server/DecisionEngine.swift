import Administration
import Audit
import Catalogue
import Decision
import Grants
import NIOCore
import Wire

/// What happens to reads of covered data that cannot be recorded.
package enum AuditFailureMode: String, Sendable, CaseIterable {
    /// They are denied, `audit-unavailable`.
    case deny
    /// They are answered as if they had been recorded, and counted.
    case allow
}

/// Answers questions: the state that deciding needs, and the records it leaves.
///
/// Belongs to one event loop. A question is answered without waiting for anything but the kernel's copy of its audit
/// record, and that once for all questions of a turn of the loop: see ``AnswerTurn``.
package final class DecisionEngine {
    private var answering: Answering
    private let journal: Journal
    private let auditFailureMode: AuditFailureMode
    /// The number of the last event of each reporter that is in the journal.
    private var reporters: [UInt64: UInt64]
    /// The same for events that are staged.
    private var stagedReporters: [UInt64: UInt64] = [:]
    /// Why the last commit of a record failed; `nil` if it did not.
    package private(set) var commitFailure: FileError?
    /// Answers that could not be recorded since recording began to fail.
    private var unrecorded: UInt64 = 0

    /// - Parameter recordsAnswers: `false` only to measure what that costs.
    package init(
        snapshot: Snapshot, cache: consuming DecisionCache, identity: ClusterIdentity, journal: Journal,
        auditFailureMode: AuditFailureMode, reporters: [UInt64: UInt64], privacy: PathPrivacy? = nil,
        recordsAnswers: Bool = true, clock: ServiceClock = .system
    ) {
        answering = Answering(
            snapshot: snapshot, cache: cache, identity: identity, journal: journal, clock: clock,
            deniesOnReserve: auditFailureMode == .deny, privacy: privacy, recordsAnswers: recordsAnswers)
        self.journal = journal
        self.auditFailureMode = auditFailureMode
        self.reporters = reporters
    }

    package var snapshot: Snapshot { answering.snapshot }
    package var now: Moment { answering.clock.now() }
    package var counters: Counters { answering.counters }
    package var cacheStatistics: DecisionCache.Statistics { answering.cache.statistics }
    /// As ``DecisionCache/contents``.
    package var cacheContents: [DecisionCache.Entry?] { answering.cache.contents }
    /// Nanoseconds.
    package var cacheTimeToLive: UInt64 { answering.cache.timeToLive }

    /// Decides by other policies from now on. Cached decisions that the change does not touch stay; what the credential
    /// of before could read counts for nothing where a data source has another one now.
    ///
    /// - Parameter snapshot: of a later version. What is known of callers goes by the version alone, so two snapshots of
    ///   one version would be taken for the same.
    /// - Returns: the policies so far, for the caller to let go of where that may take time.
    @discardableResult
    package func install(_ snapshot: Snapshot) -> Snapshot {
        let before = answering.install(snapshot)
        // Those that have not changed are the same objects, at the same places unless everything was read anew: of
        // 100,000, few are looked into.
        for (place, old) in before.dataSources.enumerated() {
            if place < snapshot.dataSources.count, snapshot.dataSources[place] === old { continue }
            let new = snapshot.dataSource(named: old.definition.name).map { snapshot.dataSources[$0] }
            if new?.id == old.id, new?.definition.credential?.principal == old.definition.credential?.principal {
                continue
            }
            answering.catalogue.dataSources[old.id] = nil
        }
        return before
    }

    /// Decides by what a crawl found from now on.
    ///
    /// - Parameter files: `nil` where nothing that was found counts any more.
    /// - Returns: what was found before, for the caller to let go of where that may take time.
    @discardableResult
    package func install(_ files: DataSourceFiles?, of dataSource: UInt32) -> DataSourceFiles? {
        defer { answering.catalogue.dataSources[dataSource] = files }
        return answering.catalogue.dataSources[dataSource]
    }

    package func install(_ catalogue: CatalogueView) {
        answering.catalogue = catalogue
    }

    package var catalogue: CatalogueView { answering.catalogue }

    /// - Parameter body: called when somebody reads a file that no crawl saw, with the data source and the path; not for
    ///   every such read. Must not wait.
    package func onMiss(_ body: @escaping (UInt32, [UInt8]) -> Void) {
        answering.missed.onMiss = body
    }

    /// Decides by these grants from now on.
    package func install(_ grants: LiveGrants) {
        answering.grants = grants
    }

    package func flushCache() {
        answering.cache.removeAll()
    }

    /// Why records cannot be written, or can be written only to the space kept for refusals; `nil` if they can.
    package var auditFailure: FileError? { commitFailure ?? journal.trouble ?? journal.reserveReason }

    /// The sequence number of the last record in the journal.
    package var lastRecord: UInt64 { journal.last }

    /// The sequence number of the last record that is known to be on disk.
    package var lastSynced: UInt64 { journal.lastSynced }

    // MARK: Questions

    /// Answers the questions of an `ask` frame, and stages their audit records.
    ///
    /// - Parameter out: where the `answers` frame is written; its answers that are owed a record may leave once
    ///   ``commit()`` has succeeded.
    /// - Throws: ``WireError`` if the body is no `ask`. Nothing is written or staged then.
    package func answer(
        _ body: borrowing Span<UInt8>, request: RequestID, into out: inout Outbox
    ) throws(WireError) {
        try answering.answer(body, request: request, into: &out)
    }

    /// Decides as ``answer(_:request:into:)`` does, but says why, uses a cache of its own and records nothing.
    ///
    /// - Parameter handles: of the tokens that the reader would show.
    package func explain(principal: [UInt8], path: [UInt8], handles: [GrantHandle] = []) -> (
        decision: Decision, explanation: Explanation, user: String
    ) {
        let known = answering.callers.caller(principal.span, in: snapshot)
        var explanation = Explanation()
        var scratch = DecisionCache(capacity: 8, timeToLive: 0)
        let evidence = handles.flatMap(\.bytes)
        let claim = GrantClaim(handles: evidence.indices, callerContext: 0..<0)
        let rules = ReadRules(
            snapshot: snapshot, catalogue: answering.catalogue, grants: handles.isEmpty ? nil : answering.grants,
            claim: claim, now: now)
        let decision = rules.decide(
            path: path.span, evidence: evidence.span, caller: known.caller, standing: known.standing, cache: &scratch,
            trace: &explanation)
        return (decision, explanation, String(decoding: known.names[known.user], as: UTF8.self))
    }

    /// What the rules say of a principal at a data source; `nil` if there is no such data source.
    package func explain(principal: String, dataSource: String) -> Snapshot.SourceExplanation? {
        guard let place = snapshot.dataSource(named: dataSource) else { return nil }
        let bytes = Array(principal.utf8)
        let known = answering.callers.caller(bytes.span, in: snapshot)
        return snapshot.explanation(
            of: known.caller, standing: known.standing, dataSource: place, at: now.wall)
    }

    /// The short name that the cluster's rules make of a principal; `nil` if they make none.
    package func shortName(of principal: String) -> String? {
        let bytes = Array(principal.utf8)
        return answering.callers.caller(bytes.span, in: snapshot).caller?.shortName
    }

    /// A principal as the policies see it.
    func known(_ principal: String) -> (caller: Caller?, standing: Snapshot.Standing) {
        let bytes = Array(principal.utf8)
        let known = answering.callers.caller(bytes.span, in: snapshot)
        return (known.caller, known.standing)
    }

    /// Whether nothing may be given that is not recorded, and recording fails.
    package var mustRefuse: Bool { auditFailureMode == .deny && auditFailure != nil }

    // MARK: Records

    /// Stages the record of something that is not about a question.
    ///
    /// - Parameter change: what was changed, as JSON.
    package func stageEvent(_ kind: AuditKind, actor: String, detail: String, change: [UInt8] = []) {
        stageEvent(
            AuditHead(kind: kind, policyVersion: snapshot.version), actor: actor, detail: detail, change: change)
        if kind == .refusal { answering.counters.refusals += 1 }
    }

    /// Stages the record of what became of a grant.
    ///
    /// - Parameters:
    ///   - verdict: `deny` for one that was refused.
    ///   - reason: of a refusal, where the policies have one.
    package func stage(_ grant: GrantRecord, verdict: Verdict? = nil, reason: Reason? = nil) {
        let head = AuditHead(kind: .grant, verdict: verdict, reason: reason, policyVersion: snapshot.version)
        journal.stage(head, time: WallClock.milliseconds) { texts in
            texts.append(text: Array(grant.principal.utf8))
            texts.appendNothing()
            texts.append(text: Array(grant.user.utf8))
            for _ in AuditField.realUser.rawValue..<AuditField.dataSource.rawValue { texts.appendNothing() }
            texts.append(text: Array(grant.dataSource.utf8))
            texts.appendNothing()
            texts.appendNothing()
            texts.append(text: Array(grant.detail.utf8))
            texts.append(text: Array(grant.id.utf8))
            texts.append(text: Array(grant.job.utf8))
        }
    }

    private func stageEvent(_ head: AuditHead, actor: String, detail: String, change: [UInt8] = []) {
        journal.stage(head, time: WallClock.milliseconds) { texts in
            texts.append(text: Array(actor.utf8))
            for _ in AuditField.shortName.rawValue...AuditField.callerContext.rawValue { texts.appendNothing() }
            texts.append(text: Array(detail.utf8))
            texts.appendNothing()
            texts.appendNothing()
            texts.append(text: change)
        }
    }

    /// Whether what cannot be recorded is refused.
    package var refusesUnrecorded: Bool { auditFailureMode == .deny }

    /// Stages the record of what a Spark session asked or said.
    func stage(_ record: SparkRecord) {
        let head = AuditHead(
            kind: record.kind, verdict: record.verdict, reason: record.reason, policyVersion: record.policyVersion)
        journal.stage(head, time: WallClock.milliseconds) { texts in
            for field in AuditField.allCases { texts.append(text: Array(record.text(field).utf8)) }
        }
    }

    /// Stages the events of a `report` that are not in the journal yet.
    ///
    /// - Throws: ``WireError`` if the body is no `report`. Nothing is staged then.
    package func stageReport(_ body: ByteBuffer, from peer: Peer) throws(WireError) {
        let span = body.readableBytesUInt8Span
        var reader = FieldReader()
        let head = try reader.readReportHead(span)
        var events: [ReportedEvent] = []
        for _ in 0..<head.count { events.append(try reader.readReportedEvent(span)) }
        try reader.finish(span)
        // A report without events has one number all the same, so that it is known when it comes again.
        guard isNew(head.first &+ UInt64(max(1, head.count) - 1), of: head.reporter) else { return }
        for (offset, event) in events.enumerated() {
            let number = head.first &+ UInt64(offset)
            if isNew(number, of: head.reporter) { stage(event, number: number, of: head.reporter, span) }
        }
        if head.notKept > 0 { stageNotKept(head, from: peer) }
    }

    private func isNew(_ number: UInt64, of reporter: UInt64) -> Bool {
        (stagedReporters[reporter] ?? reporters[reporter]).map { number > $0 } ?? true
    }

    private func stageNotKept(_ head: ReportHead, from peer: Peer) {
        answering.counters.notKept &+= head.notKept
        var record = AuditHead(kind: .report, policyVersion: snapshot.version)
        if head.count == 0 {
            (record.reporter, record.reporterSequence) = (head.reporter, head.first)
            stagedReporters[head.reporter] = head.first
        }
        stageEvent(
            record, actor: peer.label,
            detail: "\(head.notKept) denials by failure mode or superusers' reads were not kept by the plug-in")
    }

    private func stage(_ event: ReportedEvent, number: UInt64, of reporter: UInt64, _ body: borrowing Span<UInt8>) {
        let known = answering.callers.caller(body.extracting(event.question.principal), in: snapshot)
        let group = CanonicalPath.canonical(body.extracting(event.question.path))
            .flatMap { snapshot.cover.group(of: $0.span) }
        let dataSource = group.map { snapshot.dataSources[snapshot.cover.groups[Int($0)][0]].nameBytes }
        let head = AuditHead(
            kind: event.mode == nil ? .superuser : .report, operation: event.question.operation,
            verdict: event.verdict, reason: event.reason, failureMode: event.mode?.rawValue ?? 0,
            policyVersion: snapshot.version, reporter: reporter, reporterSequence: number)
        answering.stage(head, time: event.time, event.question, body, known, dataSource: dataSource ?? [])
        stagedReporters[reporter] = number
        if event.mode == nil {
            answering.counters.superuserReads += 1
        } else {
            answering.counters.reported += 1
        }
    }

    /// Hands what is staged to the kernel.
    ///
    /// - Returns: whether answers that are owed a record may leave as they are.
    package func commit() -> Bool {
        guard journal.hasStaged else { return true }
        defer { stagedReporters.removeAll() }
        let refused = answering.takeRefused()
        do throws(FileError) {
            try journal.commit()
            commitFailure = nil
            reporters.merge(stagedReporters) { $1 }
            return true
        } catch {
            commitFailure = error
            // They are counted with all others that could not be recorded.
            answering.counters.auditUnavailable -= refused
            return auditFailureMode == .allow
        }
    }

    /// Counts answers that the last commit could not record; none if it could.
    package func countUnrecorded(_ answers: Int) {
        guard commitFailure != nil else { return }
        unrecorded += UInt64(answers)
        switch auditFailureMode {
        case .deny: answering.counters.auditUnavailable += UInt64(answers)
        case .allow: answering.counters.unaudited += UInt64(answers)
        }
    }

    /// Stages a record of what could not be recorded, now that it can.
    package func stageResumption() {
        guard unrecorded > 0 else { return }
        let what = auditFailureMode == .deny ? "denied" : "given"
        stageEvent(
            .administration, actor: "authorizer",
            detail: "records are written again; \(unrecorded) answers before were \(what) and not recorded")
        unrecorded = 0
    }

    package func countMalformed() {
        answering.counters.malformed += 1
    }
}
