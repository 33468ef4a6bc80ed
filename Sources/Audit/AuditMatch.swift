import Decision
import Glibc

/// A query made ready to be compared with records where they lie.
struct AuditMatch {
    /// What texts have to be, by field.
    private var values = [[UInt8]](repeating: [], count: AuditField.allCases.count)
    /// A bit for each field that is compared, and the last of them.
    private var fields: UInt16 = 0
    private var lastField = -1
    /// Below what a path may lie instead: the same with a slash.
    private var below: [UInt8] = []
    private let verdict: UInt8?
    private let reason: UInt8?
    let since: UInt64
    let until: UInt64?
    let after: UInt64
    /// What all records that fit have.
    private(set) var keys: [IndexKey] = []
    /// It names something that is in no record.
    private(set) var isHopeless = false

    init(_ query: AuditQuery, keys: IndexKeys) {
        let verdict = query.decision.flatMap { Verdict(word: $0) }
        let reason = query.reason.flatMap { Reason(word: $0) }
        (self.verdict, self.reason) = (verdict?.rawValue, reason?.rawValue)
        since = query.since ?? 0
        until = query.until
        after = query.after ?? 0
        isHopeless = (query.decision != nil && verdict == nil) || (query.reason != nil && reason == nil)
        func require(_ value: String?, _ field: AuditField, _ key: (String) -> IndexKey) {
            guard let value else { return }
            compare(field, with: value)
            if value.isEmpty { isHopeless = true }
            self.keys.append(key(value))
        }
        require(query.user, .user, keys.user)
        require(query.dataSource, .dataSource, keys.dataSource)
        require(query.grant, .grant, keys.grant)
        require(query.job, .job, keys.job)
        if let name = query.principal {
            compare(.principal, with: name)
            compare(.shortName, with: name)
            isHopeless = isHopeless || name.isEmpty
            self.keys.append(keys.principal(name))
        }
        if let path = query.path {
            compare(.path, with: path)
            below = Array((path == "/" ? path : path + "/").utf8)
            if let key = keys.path(path) { self.keys.append(key) }
        }
        if let verdict { self.keys.append(keys.decision(verdict.rawValue)) }
        if let reason { self.keys.append(keys.reason(reason.rawValue)) }
    }

    private mutating func compare(_ field: AuditField, with value: String) {
        values[field.rawValue] = Array(value.utf8)
        fields |= 1 << UInt16(field.rawValue)
        lastField = max(lastField, field.rawValue)
    }

    /// Whether a record fits. One whose texts run past its end does: whoever reads all of it finds that out.
    func fits(_ record: RecordOutline) -> Bool {
        guard record.sequence > after, record.time >= since else { return false }
        if let until, record.time >= until { return false }
        if let verdict, record.verdict != verdict { return false }
        if let reason, record.reason != reason { return false }
        guard lastField >= 0 else { return true }
        var texts = record.texts
        var isPrincipal = false
        for field in 0...lastField {
            guard let text = texts.next(field) else { return true }
            guard fields & 1 << UInt16(truncatingIfNeeded: field) != 0 else { continue }
            let isSame = Self.equal(text, values[field])
            switch field {
            // Either of the two will do.
            case AuditField.principal.rawValue: isPrincipal = isSame
            case AuditField.shortName.rawValue where !isPrincipal && !isSame: return false
            case AuditField.shortName.rawValue: break
            case AuditField.path.rawValue where !isSame && !isBelow(text): return false
            case AuditField.path.rawValue: break
            default: if !isSame { return false }
            }
        }
        return true
    }

    private func isBelow(_ path: UnsafeRawBufferPointer) -> Bool {
        path.count >= below.count && Self.equal(UnsafeRawBufferPointer(rebasing: path[..<below.count]), below)
    }

    @inline(__always)
    private static func equal(_ text: UnsafeRawBufferPointer, _ value: [UInt8]) -> Bool {
        guard text.count == value.count else { return false }
        guard let base = text.baseAddress, !value.isEmpty else { return true }
        return value.withUnsafeBytes { memcmp(base, $0.baseAddress!, $0.count) == 0 }
    }
}
