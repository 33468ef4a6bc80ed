import Wording

/// A length of time as administrators write it: a whole number and a unit.
package struct TimeSpan: Sendable, Hashable {
    package enum Unit: String, Sendable, CaseIterable {
        case seconds = "s"
        case minutes = "m"
        case hours = "h"
        case days = "d"

        fileprivate var milliseconds: Int64 {
            switch self {
            case .seconds: 1_000
            case .minutes: 60_000
            case .hours: 3_600_000
            case .days: 86_400_000
            }
        }
    }

    private static let greatest: Int64 = 36_500 * 86_400_000

    package let count: Int64
    package let unit: Unit

    package var milliseconds: Int64 { count * unit.milliseconds }

    /// - Returns: `nil` unless the text is a number above 0 and a unit, and no more than 36,500 days.
    package init?(_ text: String) {
        guard let last = text.last, let unit = Unit(rawValue: String(last)), text.utf8.count <= 12,
            text.dropLast().utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int64(text.dropLast()), count > 0, count * unit.milliseconds <= Self.greatest
        else { return nil }
        self.count = count
        self.unit = unit
    }

    /// - Returns: What keeps a text from being a span; `nil` when nothing does.
    package static func fault(in text: String) -> String? {
        guard TimeSpan(text) == nil else { return nil }
        return "\(quoted(text)) is no span; write a number and `s`, `m`, `h` or `d`, such as `90d`; at most `36500d`"
    }
}

extension TimeSpan: Codable, CustomStringConvertible {
    package var description: String { "\(count)\(unit.rawValue)" }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let span = TimeSpan(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no span: \(text)")
        }
        self = span
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
