import Administration
import Audit
import Catalogue
import Decision
import Grants
import NIOCore
import Wire

/// The state that answering questions needs, in one value: a frame enters it once, and nothing below has to ask who
/// else is looking.
struct Answering: ~Copyable {
    private(set) var snapshot: Snapshot
    var catalogue = CatalogueView()
    var grants = LiveGrants()
    var missed = MissFilter()
    var cache: DecisionCache
    var callers: CallerTable
    var counters = Counters()
    let clock: ServiceClock
    private let journal: Journal
    /// Whether covered reads are denied while there is no room for their records.
    private let deniesOnReserve: Bool
    private var refused: UInt64 = 0
    /// How records show paths; `nil` for whole.
    private let privacy: PathPrivacy?
    /// `false` only to measure what it costs.
    private let recordsAnswers: Bool
    /// By ``denialKey(_:)``.
    private var denialWords: [Int: [UInt8]] = [:]

    init(
        snapshot: Snapshot, cache: consuming DecisionCache, identity: ClusterIdentity, journal: Journal,
        clock: ServiceClock, deniesOnReserve: Bool, privacy: PathPrivacy?, recordsAnswers: Bool
    ) {
        self.recordsAnswers = recordsAnswers
        self.privacy = privacy
        self.snapshot = snapshot
        self.clock = clock
        self.cache = cache
        self.journal = journal
        self.deniesOnReserve = deniesOnReserve
        callers = CallerTable(identity: identity)
    }

    /// Decides by other policies from now on; cached decisions that the change does not touch stay.
    ///
    /// - Returns: the policies so far.
    mutating func install(_ snapshot: Snapshot) -> Snapshot {
        denialWords.removeAll(keepingCapacity: true)
        defer { self.snapshot = snapshot }
        return self.snapshot
    }

    /// Answers the questions of an `ask` frame, and stages their audit records.
    ///
    /// - Throws: ``WireError`` if the body is no `ask`. Nothing is written or staged then.
    mutating func answer(
        _ body: borrowing Span<UInt8>, request: RequestID, into out: inout Outbox
    ) throws(WireError) {
        var reader = FieldReader()
        let count = try reader.readUInt16(body)
        let now = clock.now()
        if count == 1 {
            let question = try reader.readQuestion(body)
            try reader.finish(body)
            let start = out.frames.beginAnswers(request, count: count)
            answer(question, body, now: now, into: &out)
            return out.frames.endFrame(at: start)
        }
        try Self.validate(body)
        let start = out.frames.beginAnswers(request, count: count)
        for _ in 0..<count { answer(try reader.readQuestion(body), body, now: now, into: &out) }
        out.frames.endFrame(at: start)
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

    private mutating func answer(
        _ question: QuestionFields, _ body: borrowing Span<UInt8>, now: Moment, into out: inout Outbox
    ) {
        let known = callers.caller(body.extracting(question.principal), in: snapshot)
        guard var decision = decide(question, body, known, now: now) else { return askForPermissions(&out) }
        var isAudited = question.operation != .traverse && decision.concernsCover
        if isAudited, !recordsAnswers {
            isAudited = false
            counters.unaudited += 1
        }
        if isAudited, deniesOnReserve, journal.isOnReserve { refuse(&decision) }
        count(decision)
        let dataSource = dataSourceName(decision)
        if isAudited { stage(decision, question, body, known, now, dataSource: dataSource) }
        var flags: AnswerFlags = []
        if decision.wasCached { flags.insert(.wasCached) }
        if decision.verdict == .allow, snapshot.settings.allow == .intersect { flags.insert(.nativeToo) }
        let message = snapshot.refuses(decision.reason) ? words(for: decision, question, body, known) : []
        let place = out.frames.appendAnswer(
            decision.verdict, decision.reason, flags: flags, policyVersion: decision.policyVersion,
            age: Self.milliseconds(decision.age), dataSource: dataSource.span, message: message.span)
        if isAudited { out.owed.append(place) }
    }

    /// - Returns: `nil` if the asker should tell the permissions first.
    private mutating func decide(
        _ question: QuestionFields, _ body: borrowing Span<UInt8>, _ known: KnownCaller, now: Moment
    ) -> Decision? {
        let path = body.extracting(question.path)
        switch question.operation {
        case .read:
            let decision = rules(for: question, catalogue, now: now).decide(
                path: path, evidence: body, caller: known.caller, standing: known.standing, cache: &cache)
            if decision.reason == .notInCatalogue {
                return decide(uncatalogued: decision, question, body, known, now: now)
            }
            if decision.reason == .policy { noteUnseen(path, now: now) }
            return decision
        case .traverse:
            return rules(for: question, catalogue, now: now).decideTraversal(
                path: path, evidence: body, caller: known.caller, standing: known.standing, cache: &cache)
        case .move:
            return MoveRules(snapshot: snapshot, now: now).decide(
                path: path, destination: body.extracting(question.destination ?? question.path),
                caller: known.caller, standing: known.standing)
        }
    }

    func rules(for question: QuestionFields, _ catalogue: CatalogueView, now: Moment) -> ReadRules {
        let claim = question.claim
        return ReadRules(
            snapshot: snapshot, catalogue: catalogue, grants: grants.mayFit(claim) ? grants : nil, claim: claim,
            now: now)
    }

    /// The space that is left is for the records of denials.
    private mutating func refuse(_ decision: inout Decision) {
        decision.verdict = .deny
        decision.reason = .auditUnavailable
        counters.auditUnavailable += 1
        refused += 1
    }

    /// The denials of ``refuse(_:)`` since it was last asked.
    mutating func takeRefused() -> UInt64 {
        defer { refused = 0 }
        return refused
    }

    /// Says that nothing was decided. It leaves no record: a reader gets its bytes only by the answer to come.
    private func askForPermissions(_ out: inout Outbox) {
        let nothing: [UInt8] = []
        out.frames.appendAnswer(
            .native, .notInCatalogue, flags: .wantsPermissions, policyVersion: snapshot.version, age: 0,
            dataSource: nothing.span, message: nothing.span)
    }

    private mutating func count(_ decision: Decision) {
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

    private mutating func words(
        for decision: Decision, _ question: QuestionFields, _ body: borrowing Span<UInt8>, _ known: KnownCaller
    ) -> [UInt8] {
        if decision.reason == .rawTableRead, let ended = ended(decision, question, body, known) {
            return Array(DenialWords.words(for: decision, in: snapshot, grant: ended.words).utf8)
        }
        let key = Self.denialKey(decision)
        if let words = denialWords[key] { return words }
        let words = Array(DenialWords.words(for: decision, in: snapshot).utf8)
        denialWords[key] = words
        return words
    }

    /// The grant of the job that asks which ended last, where there was one.
    private func ended(
        _ decision: Decision, _ question: QuestionFields, _ body: borrowing Span<UInt8>, _ known: KnownCaller
    ) -> LiveGrants.Ended? {
        guard !question.handles.isEmpty, case .user(let user) = known.standing.match,
            let dataSource = decision.dataSource
        else { return nil }
        return grants.ended(
            for: question.claim, in: body, user: snapshot.facts(of: user).id,
            dataSource: snapshot.dataSources[dataSource].id)
    }

    /// Denials with the same key have the same words.
    private static func denialKey(_ decision: Decision) -> Int {
        (decision.dataSource ?? -1) << UInt8.bitWidth | Int(decision.reason.rawValue)
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> UInt32 {
        UInt32(clamping: nanoseconds / 1_000_000)
    }

    private func stage(
        _ decision: Decision, _ question: QuestionFields, _ body: borrowing Span<UInt8>, _ known: KnownCaller,
        _ now: Moment, dataSource: [UInt8]
    ) {
        let head = AuditHead(
            kind: .decision, operation: question.operation, verdict: decision.verdict, reason: decision.reason,
            wasCached: decision.wasCached, policyVersion: decision.policyVersion, age: Self.milliseconds(decision.age))
        let time = UInt64(max(0, now.wall.milliseconds))
        let grant = decision.grant.flatMap { grants[$0] }
        stage(head, time: time, question, body, known, dataSource: dataSource, grant)
    }

    /// Stages the record of a question, decided here or elsewhere.
    func stage(
        _ head: AuditHead, time: UInt64, _ question: QuestionFields, _ body: borrowing Span<UInt8>,
        _ known: KnownCaller, dataSource: [UInt8], _ grant: LiveGrant? = nil
    ) {
        let path = body.extracting(question.path)
        let canonical = CanonicalPath.isCanonical(path) ? nil : CanonicalPath.canonical(path)
        let (names, privacy) = (known.names, privacy)
        journal.stage(head, time: time) { texts in
            texts.append(text: body.extracting(question.principal))
            texts.append(text: names.span.extracting(known.shortName))
            texts.append(text: names.span.extracting(known.user))
            texts.append(text: body.extracting(question.realUser ?? 0..<0))
            if let canonical {
                texts.append(path: canonical.span, privacy)
            } else {
                texts.append(path: path, privacy)
            }
            texts.append(path: body.extracting(question.destination ?? 0..<0), privacy)
            texts.append(text: dataSource)
            texts.append(text: body.extracting(question.clientAddress ?? 0..<0))
            texts.append(text: body.extracting(question.callerContext ?? 0..<0))
            if canonical != nil { texts.append(path: path, privacy) } else { texts.appendNothing() }
            guard let grant else { return }
            texts.append(text: grant.id)
            texts.append(text: grant.job)
        }
    }
}

extension QuestionFields {
    fileprivate var claim: GrantClaim { GrantClaim(handles: handles, callerContext: callerContext ?? 0..<0) }
}

extension RecordEncoder {
    /// Appends a path as records show it.
    fileprivate mutating func append(path: borrowing Span<UInt8>, _ privacy: PathPrivacy?) {
        if let privacy { append(text: privacy.veiled(path)) } else { append(text: path) }
    }
}
