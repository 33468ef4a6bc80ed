import Wording

/// A moment by the wall clock.
package struct Instant: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64

    /// After every moment.
    package static let never = Instant(milliseconds: .max)

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}

extension Instant: CustomStringConvertible {
    /// Reads RFC 3339: a date, `T`, a time with up to milliseconds, and a time zone.
    ///
    /// - Returns: `nil` for anything else, for a day that does not exist, a leap second, and years before 1970.
    package init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
            let day = scanner.digits(2), scanner.take("T") || scanner.take("t"), let hour = scanner.digits(2),
            scanner.take(":"), let minute = scanner.digits(2), scanner.take(":"), let second = scanner.digits(2),
            year >= 1970, let days = CivilDay.number(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if scanner.take(".") {
            guard let (value, count) = scanner.someDigits(atMost: 3) else { return nil }
            fraction = value * [100, 10, 1][count - 1]
        }
        guard let offset = scanner.zone(), scanner.isAtEnd else { return nil }
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60
        guard seconds >= 0 else { return nil }
        milliseconds = Int64(seconds) * 1_000 + Int64(fraction)
    }

    /// RFC 3339 in UTC, with milliseconds where there are some; "never" for ``never``.
    package var description: String {
        guard self != .never else { return "never" }
        let (days, rest) = Int(milliseconds).flooredQuotient(by: 86_400_000)
        let (year, month, day) = CivilDay.date(number: days)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let seconds = rest / 1_000
        let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        let fraction = rest % 1_000 == 0 ? "" : ".\(padded(rest % 1_000, 3))"
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(time)\(fraction)Z"
    }

    /// - Returns: What keeps a text from being an instant; `nil` when nothing does.
    package static func fault(in text: String) -> String? {
        guard Instant(text) == nil else { return nil }
        return "\(quoted(text)) is no instant; write it as `2026-12-01T00:00:00Z`"
    }
}

extension Int {
    /// The quotient rounded down, and the remainder, which is not negative.
    fileprivate func flooredQuotient(by divisor: Int) -> (Int, Int) {
        let quotient = self >= 0 ? self / divisor : (self - divisor + 1) / divisor
        return (quotient, self - quotient * divisor)
    }
}

/// Reads digits and signs of ASCII, one after the other.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ sign: Character) -> Bool {
        guard let first = rest.first, first == sign.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard let (value, found) = someDigits(atMost: count), found == count else { return nil }
        return value
    }

    mutating func someDigits(atMost limit: Int) -> (value: Int, count: Int)? {
        var (value, count) = (0, 0)
        while count < limit, let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            count += 1
            rest.removeFirst()
        }
        return count == 0 ? nil : (value, count)
    }

    /// Minutes east of Greenwich.
    mutating func zone() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 60 + minutes)
    }
}
