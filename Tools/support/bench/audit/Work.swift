import Audit
import Decision
import Foundation

/// One made-up read: by one of 10,000 users, of one of 1,000 data sources with 64 directories of 4,096 files each; users
/// and data sources by a Zipf-like law.
struct Work {
    var principal: [UInt8]
    var user: [UInt8]
    var path: [UInt8]
    var dataSource: [UInt8]
    var address: [UInt8]
    var verdict: Verdict
    var reason: Reason

    private static let users = 10_000
    private static let dataSources = 1_000

    /// The same ones each time.
    static func make(_ count: Int) -> [Work] {
        var random = SplitMix(state: 1)
        return (0..<count).map { _ in
            let user = random.skewed(below: users)
            let source = random.skewed(below: dataSources)
            let isAllowed = random.next() % 4 != 0
            let file = "day=\(random.next() % 64)/part-\(random.next() % 4_096).parquet"
            return Work(
                principal: Array("user\(user)@EXAMPLE.COM".utf8), user: Array("user\(user)".utf8),
                path: Array("/warehouse/zone\(source % 10)/source\(source)/\(file)".utf8),
                dataSource: Array("source\(source)".utf8), address: Array("10.0.\(user % 256).\(user / 256)".utf8),
                verdict: isAllowed ? .allow : .deny, reason: isAllowed ? .subscribed : .notSubscribed)
        }
    }

    func head(age: UInt32) -> AuditHead {
        AuditHead(
            kind: .decision, operation: .read, verdict: verdict, reason: reason, wasCached: true, policyVersion: 7,
            age: age)
    }

    /// The record's texts, as the service puts them.
    func write(_ texts: inout RecordEncoder) {
        texts.append(text: principal.span)
        texts.append(text: user.span)
        texts.append(text: user.span)
        texts.appendNothing()
        texts.append(text: path.span)
        texts.appendNothing()
        texts.append(text: dataSource.span)
        texts.append(text: address.span)
    }
}

/// Numbers that are the same each time.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// Small numbers are much more frequent than large ones.
    mutating func skewed(below limit: Int) -> Int {
        let unit = Double(next() >> 11) / Double(1 << 53)
        return min(limit - 1, Int(pow(Double(limit), unit)) - 1)
    }
}
