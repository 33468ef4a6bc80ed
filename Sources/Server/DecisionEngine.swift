import Administration
import Audit
import Decision
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
    package private(set) var snapshot: Snapshot
    package private(set) var cache: DecisionCache
    package private(set) var counters = Counters()
    private var callers: CallerTable
    private let journal: Journal
    private let auditFailureMode: AuditFailureMode
    private var denialWords: [DenialKey: [UInt8]] = [:]
    /// The number of the last event of each reporter that is in the journal.
    private var reporters: [UInt64: UInt64]
    /// The same for events that are staged.
    private var stagedReporters: [UInt64: UInt64] = [:]
    /// Why the last commit of a record failed; `nil` if it did not.
    package private(set) var auditFailure: FileError?

    private struct DenialKey: Hashable {
        var reason: Reason
        var dataSource: Int?
    }

    package init(
        snapshot: Snapshot, cache: consuming DecisionCache, identity: ClusterIdentity, journal: Journal,
        auditFailureMode: AuditFailureMode, reporters: [UInt64: UInt64]
    ) {
        self.snapshot = snapshot
        self.cache = cache
        self.journal = journal
        self.auditFailureMode = auditFailureMode
        self.reporters = reporters
        callers = CallerTable(identity: identity)
    }

    /// Decides by other policies from now on. Cached decisions that the change does not touch stay.
    ///
    /// - Returns: the policies so far, for the caller to let go of where that may take time.
    @discardableResult
    package func install(_ snapshot: Snapshot) -> Snapshot {
        defer { self.snapshot = snapshot }
        denialWords.removeAll(keepingCapacity: true)
        return self.snapshot
    }

    package func flushCache() {
        cache.removeAll()
    }

    /// The sequence number of the last record in the journal.
    package var lastRecord: UInt64 { journal.last }

    // MARK: Questions

    /// Answers the questions of an `ask` frame, and stages their audit records.
    ///
    /// - Parameters:
    ///   - out: where the `answers` frame is written.
    ///   - owed: gets the place in `out` of every answer whose record is staged; they may leave once
    ///     ``commit()`` has succeeded.
    /// - Throws: ``WireError`` if the body is no `ask`. Nothing is written or staged then.
    package func answer(
        _ body: ByteBuffer, request: RequestID, into out: inout ByteBuffer, owed: inout [Int]
    ) throws(WireError) {
        let span = body.readableBytesUInt8Span
        try Self.validate(span)
        var reader = FieldReader()
        let count = try reader.readUInt16(span)
        let now = MonotonicClock.nanoseconds
        let start = out.writerIndex
        out.writeFrame(.answers, request) { $0.writeInteger(count) }
        for _ in 0..<count {
            let question = try reader.readQuestion(span)
            answer(question, span, now: now, into: &out, owed: &owed)
        }
        out.setInteger(UInt32(out.writerIndex - start - 4), at: start)
    }

    /// A frame is refused as a whole before any of it is answered.
    private static func validate(_ body: borrowing Span<UInt8>) throws(WireError) {
        var reader = FieldReader()
        let count = Int(try reader.readUInt16(body))
        guard (1...WireLimits.mostQuestions).contains(count) else {
            throw WireError(.malformedBody, "an ask has 1 to \(WireLimits.mostQuestions) questions, not \(count)")
        }
        for _ in 0..<count { _ = try reader.readQuestion(body) }
        try reader.finish(body)
    }

    private func answer(
        _ question: QuestionFields, _ body: borrowing Span<UInt8>, now: UInt64, into out: inout ByteBuffer,
        owed: inout [Int]
    ) {
        let known = callers.caller(body.extracting(question.principal))
        known.bring(upTo: snapshot)
        let decision = decide(question, body, known, now: now)
        count(decision)
        let isAudited = question.operation != .traverse && decision.concernsCover
        if isAudited { stage(decision, question, body, known) }
        var flags: AnswerFlags = []
        if decision.wasCached { flags.insert(.wasCached) }
        if decision.verdict == .allow, snapshot.settings.allow == .intersect { flags.insert(.nativeToo) }
        let place = out.writeAnswer(
            decision.verdict, decision.reason, flags: flags, policyVersion: decision.policyVersion,
            age: Self.milliseconds(decision.age), dataSource: dataSourceName(decision),
            message: snapshot.refuses(decision.reason) ? words(for: decision) : [])
        if isAudited { owed.append(place) }
    }

    private func decide(
        _ question: QuestionFields, _ body: borrowing Span<UInt8>, _ known: KnownCaller, now: UInt64
    ) -> Decision {
        let path = body.extracting(question.path)
        switch question.operation {
        case .read:
            return ReadRules(snapshot: snapshot, now: now).decide(
                path: path, caller: known.caller, standing: known.standing, cache: &cache)
        case .traverse:
            return ReadRules(snapshot: snapshot, now: now).decideTraversal(
                path: path, caller: known.caller, standing: known.standing, cache: &cache)
        case .move:
            return MoveRules(snapshot: snapshot).decide(
                path: path, destination: body.extracting(question.destination ?? question.path),
                caller: known.caller, standing: known.standing)
        }
    }

    /// Decides as ``answer(_:request:into:owed:)`` does, but says why, uses a cache of its own and records nothing.
    package func explain(principal: [UInt8], path: [UInt8]) -> (
        decision: Decision, explanation: Explanation, user: String
    ) {
        let known = callers.caller(principal.span)
        known.bring(upTo: snapshot)
        var explanation = Explanation()
        var scratch = DecisionCache(capacity: 8, timeToLive: 0)
        let decision = ReadRules(snapshot: snapshot, now: MonotonicClock.nanoseconds).decide(
            path: path.span, caller: known.caller, standing: known.standing, cache: &scratch, trace: &explanation)
        return (decision, explanation, String(decoding: known.user, as: UTF8.self))
    }

    /// The short name that the cluster's rules make of a principal; `nil` if they make none.
    package func shortName(of principal: String) -> String? {
        let bytes = Array(principal.utf8)
        return callers.caller(bytes.span).caller?.shortName
    }

    private func count(_ decision: Decision) {
        counters.questions += 1
        switch decision.verdict {
        case .allow: counters.allowed += 1
        case .deny: counters.denied += 1
        case .native: counters.native += 1
        }
        if decision.reason == .notProtected { counters.notProtected += 1 }
    }

    private func dataSourceName(_ decision: Decision) -> [UInt8] {
        decision.dataSource.map { snapshot.dataSources[$0].nameBytes } ?? []
    }

    private func words(for decision: Decision) -> [UInt8] {
        let key = DenialKey(reason: decision.reason, dataSource: decision.dataSource)
        if let words = denialWords[key] { return words }
        let words = Array(DenialWords.words(for: decision, in: snapshot).utf8)
        denialWords[key] = words
        return words
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> UInt32 {
        UInt32(clamping: nanoseconds / 1_000_000)
    }

    // MARK: Records

    private func stage(
        _ decision: Decision, _ question: QuestionFields, _ body: borrowing Span<UInt8>, _ known: KnownCaller
    ) {
        let head = AuditHead(
            kind: .decision, operation: question.operation, verdict: decision.verdict, reason: decision.reason,
            wasCached: decision.wasCached, policyVersion: decision.policyVersion, age: Self.milliseconds(decision.age))
        stage(head, time: WallClock.milliseconds, question, body, known, dataSource: dataSourceName(decision))
    }

    private func stage(
        _ head: AuditHead, time: UInt64, _ question: QuestionFields, _ body: borrowing Span<UInt8>,
        _ known: KnownCaller, dataSource: [UInt8]
    ) {
        let path = body.extracting(question.path)
        let canonical = CanonicalPath.isCanonical(path) ? nil : CanonicalPath.canonical(path)
        journal.stage(head, time: time) { texts in
            texts.append(text: body.extracting(question.principal))
            texts.append(text: known.shortName)
            texts.append(text: known.user)
            texts.append(text: body.extracting(question.realUser ?? 0..<0))
            if let canonical { texts.append(text: canonical) } else { texts.append(text: path) }
            texts.append(text: body.extracting(question.destination ?? 0..<0))
            texts.append(text: dataSource)
            texts.append(text: body.extracting(question.clientAddress ?? 0..<0))
            texts.append(text: body.extracting(question.callerContext ?? 0..<0))
            if canonical != nil { texts.append(text: path) } else { texts.appendNothing() }
        }
    }

    /// Stages the record of something that is not about a question.
    package func stageEvent(_ kind: AuditKind, actor: String, detail: String) {
        let head = AuditHead(kind: kind, policyVersion: snapshot.version)
        journal.stage(head, time: WallClock.milliseconds) { texts in
            texts.append(text: Array(actor.utf8))
            for _ in AuditField.shortName.rawValue...AuditField.callerContext.rawValue { texts.appendNothing() }
            texts.append(text: Array(detail.utf8))
        }
        if kind == .refusal { counters.refusals += 1 }
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
        for (offset, event) in events.enumerated() {
            let number = head.first &+ UInt64(offset)
            if let last = stagedReporters[head.reporter] ?? reporters[head.reporter], number <= last { continue }
            stage(event, number: number, of: head.reporter, span)
        }
        guard head.notKept > 0 else { return }
        counters.notKept &+= head.notKept
        stageEvent(
            .report, actor: peer.label, detail: "\(head.notKept) denials by failure mode were not kept by the plug-in")
    }

    private func stage(_ event: ReportedEvent, number: UInt64, of reporter: UInt64, _ body: borrowing Span<UInt8>) {
        let known = callers.caller(body.extracting(event.question.principal))
        known.bring(upTo: snapshot)
        let group = CanonicalPath.canonical(body.extracting(event.question.path))
            .flatMap { snapshot.cover.group(of: $0.span) }
        let dataSource = group.map { snapshot.dataSources[snapshot.cover.groups[Int($0)][0]].nameBytes }
        let head = AuditHead(
            kind: .report, operation: event.question.operation, verdict: event.verdict, reason: event.reason,
            failureMode: event.mode.rawValue, policyVersion: snapshot.version, reporter: reporter,
            reporterSequence: number)
        stage(head, time: event.time, event.question, body, known, dataSource: dataSource ?? [])
        stagedReporters[reporter] = number
        counters.reported += 1
    }

    /// Hands what is staged to the kernel.
    ///
    /// - Returns: whether answers that are owed a record may leave as they are.
    package func commit() -> Bool {
        guard journal.hasStaged else { return true }
        defer { stagedReporters.removeAll() }
        do throws(FileError) {
            try journal.commit()
            auditFailure = nil
            reporters.merge(stagedReporters) { $1 }
            return true
        } catch {
            auditFailure = error
            return auditFailureMode == .allow
        }
    }

    /// Counts answers that could not be recorded.
    package func countUnrecorded(_ answers: Int) {
        switch auditFailureMode {
        case .deny: counters.auditUnavailable += UInt64(answers)
        case .allow: counters.unaudited += UInt64(answers)
        }
    }

    package func countMalformed() {
        counters.malformed += 1
    }
}
