import Wording

/// Why a pattern of a mask is refused, in words.
package struct PatternFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A pattern of the subset of Java's regular expressions that masks may use (`docs/policy.md`).
indirect enum PatternSyntax: Sendable {
    case empty
    case scalars(ScalarSet)
    /// `^` or `$`.
    case anchor
    case sequence([PatternSyntax])
    case choice([PatternSyntax])
    case repetition(PatternSyntax, least: Int, most: Int?)
}

/// Unicode scalars in ascending ranges that do not touch.
struct ScalarSet: Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]

    private static let last: UInt32 = 0x10_FFFF

    init(_ ranges: [ClosedRange<UInt32>]) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let end = self.ranges.last, range.lowerBound <= end.upperBound + 1 {
                self.ranges[self.ranges.count - 1] = end.lowerBound...max(end.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if next < range.lowerBound { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return ScalarSet(gaps)
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func meets(_ other: ScalarSet) -> Bool {
        var (one, two) = (0, 0)
        while one < ranges.count, two < other.ranges.count {
            if ranges[one].overlaps(other.ranges[two]) { return true }
            if ranges[one].upperBound < other.ranges[two].upperBound { one += 1 } else { two += 1 }
        }
        return false
    }

    func intersection(_ other: ScalarSet) -> ScalarSet { inverted.union(other.inverted).inverted }

    var isEmpty: Bool { ranges.isEmpty }

    static let digits = ScalarSet([0x30...0x39])
    static let wordScalars = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let spaces = ScalarSet([0x09...0x0D, 0x20...0x20])
    /// What `.` matches in Java: all but ends of lines.
    static let any = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x85...0x85, 0x2028...0x2029]).inverted
}

/// Reads patterns.
struct PatternReader {
    static let maximumBytes = 256
    private static let mostRepetitions = 1_000

    private var rest: Substring.UnicodeScalarView
    private var depth = 0
    private(set) var groupCount = 0

    /// - Returns: the pattern, and how many groups it has that a replacement may name.
    static func read(_ text: String) throws(PatternFault) -> (syntax: PatternSyntax, groups: Int) {
        guard !text.isEmpty else { throw PatternFault("the pattern is empty; write one") }
        guard text.utf8.count <= maximumBytes else {
            throw PatternFault("the pattern has \(text.utf8.count) bytes and may have \(maximumBytes)")
        }
        var reader = PatternReader(rest: text.unicodeScalars[...])
        let syntax = try reader.choice()
        guard reader.rest.isEmpty else { throw PatternFault("`)` closes nothing; remove it or write `\\)`") }
        return (syntax, reader.groupCount)
    }

    private init(rest: Substring.UnicodeScalarView) {
        self.rest = rest
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func choice() throws(PatternFault) -> PatternSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 32 else { throw PatternFault("groups are nested deeper than 32") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternSyntax {
        var parts: [PatternSyntax] = []
        while let scalar = rest.first, scalar != "|", scalar != ")" { parts.append(try repeated()) }
        return parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func repeated() throws(PatternFault) -> PatternSyntax {
        let part = try atom()
        guard let (least, most) = try quantifier() else { return part }
        if case .anchor = part { throw PatternFault("a quantifier stands behind `^` or `$`; remove it") }
        if rest.first == "+" { throw PatternFault("possessive quantifiers are not taken; remove the second sign") }
        _ = take("?")
        if let sign = rest.first, "*+?{".unicodeScalars.contains(sign) {
            throw PatternFault("two quantifiers stand in a row; put the first into a group")
        }
        return .repetition(part, least: least, most: most)
    }

    private mutating func quantifier() throws(PatternFault) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        guard let least = number() else { throw PatternFault("`{` begins a quantifier; write `{2}` or `\\{`") }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}"), least <= Self.mostRepetitions, (most ?? 0) <= Self.mostRepetitions, least <= most ?? .max
        else { throw PatternFault("a quantifier is `{n}`, `{n,}` or `{n,m}`, at most \(Self.mostRepetitions)") }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = rest.first, ("0"..."9").contains(scalar), digits.count < 5 {
            digits.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        return Int(digits)
    }

    private mutating func atom() throws(PatternFault) -> PatternSyntax {
        let scalar = rest.removeFirst()
        switch scalar {
        case "^", "$": return .anchor
        case ".": return .scalars(.any)
        case "(": return try group()
        case "[": return .scalars(try scalarClass())
        case "\\": return .scalars(try escape())
        case "*", "+", "?", "{": throw PatternFault("the quantifier \(quoted(String(scalar))) stands behind nothing")
        case "}", "]": throw PatternFault("\(quoted(String(scalar))) closes nothing; write \(quoted("\\\(scalar)"))")
        default: return .scalars(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(PatternFault) -> PatternSyntax {
        if take("?") {
            guard take(":") else {
                throw PatternFault("of `(?`, only `(?:` is taken; looking around and flags are not")
            }
        } else {
            groupCount += 1
        }
        let inner = try choice()
        guard take(")") else { throw PatternFault("`(` is not closed; add `)` or write `\\(`") }
        return inner
    }

    private mutating func escape() throws(PatternFault) -> ScalarSet {
        guard let scalar = rest.popFirst() else { throw PatternFault("`\\` is the last sign; write `\\\\`") }
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .wordScalars
        case "W": return ScalarSet.wordScalars.inverted
        case "s": return .spaces
        case "S": return ScalarSet.spaces.inverted
        case "t": return ScalarSet("\t")
        case "n": return ScalarSet("\n")
        case "a"..."z", "A"..."Z", "0"..."9":
            throw PatternFault("\(quoted("\\\(scalar)")) is not taken; see the patterns in docs/policy.md")
        default: return ScalarSet(scalar)
        }
    }

    private mutating func scalarClass() throws(PatternFault) -> ScalarSet {
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while let scalar = rest.popFirst() {
            if scalar == "]", !ranges.isEmpty {
                let set = ScalarSet(ranges)
                return isInverted ? set.inverted : set
            }
            if scalar == "[" || scalar == "]" || scalar == "^" || (scalar == "&" && rest.first == "&") {
                throw PatternFault("write \(quoted("\\\(scalar)")) within a class")
            }
            let low = scalar == "\\" ? try escape() : ScalarSet(scalar)
            guard rest.first == "-", rest.dropFirst().first != "]" else {
                ranges += low.ranges
                continue
            }
            rest.removeFirst()
            guard let end = rest.popFirst() else { break }
            let high = end == "\\" ? try escape() : ScalarSet(end)
            guard let from = Self.single(low), let to = Self.single(high), from <= to else {
                throw PatternFault("a range in a class runs from one sign to a later one, such as `a-z`")
            }
            ranges.append(from...to)
        }
        throw PatternFault("`[` is not closed; add `]` or write `\\[`")
    }

    private static func single(_ set: ScalarSet) -> UInt32? {
        guard set.ranges.count == 1, set.ranges[0].count == 1 else { return nil }
        return set.ranges[0].lowerBound
    }
}
