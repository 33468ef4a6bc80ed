import Foundation

/// The text that replaces a match, in the language of `java.util.regex.Matcher.appendReplacement`: `$1` and `${name}`
/// for groups, a backslash before a character taken literally.
struct JavaReplacement: Sendable {
    /// What is wrong with a replacement text. Java says so at the first match.
    struct Fault: Error {
        let reason: String
    }

    private enum Piece {
        case literal(String)
        case group(Int)
        case namedGroup(String)
    }

    private let pieces: [Piece]

    /// - Parameters:
    ///   - source: The replacement text.
    ///   - pattern: The pattern whose groups the text refers to.
    init(_ source: String, for pattern: JavaPattern) throws(Fault) {
        var pieces: [Piece] = []
        var rest = source.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                guard let literal = rest.popFirst() else { throw Fault(reason: "nothing follows the last backslash") }
                pieces.append(.literal(String(literal)))
            case "$":
                pieces.append(try Self.takeGroup(from: &rest, of: pattern))
            default:
                pieces.append(.literal(String(scalar)))
            }
        }
        self.pieces = pieces
    }

    /// The text with the matches replaced.
    ///
    /// - Parameter matches: Matches in the text, from left to right, of the pattern that this replacement was made for.
    func replacing(_ matches: [NSTextCheckingResult], in text: String) -> String {
        let source = text as NSString
        var result = ""
        var copied = 0
        for match in matches {
            result += source.substring(with: NSRange(location: copied, length: match.range.location - copied))
            for piece in pieces {
                result += expansion(of: piece, for: match, in: source)
            }
            copied = NSMaxRange(match.range)
        }
        return result + source.substring(from: copied)
    }

    private func expansion(of piece: Piece, for match: NSTextCheckingResult, in source: NSString) -> String {
        let range: NSRange
        switch piece {
        case .literal(let text): return text
        case .group(let number): range = match.range(at: number)
        case .namedGroup(let name): range = match.range(withName: name)
        }
        return range.location == NSNotFound ? "" : source.substring(with: range)
    }

    /// Reads what follows a `$`.
    private static func takeGroup(
        from rest: inout Substring.UnicodeScalarView,
        of pattern: JavaPattern
    ) throws(Fault) -> Piece {
        guard let first = rest.popFirst() else { throw Fault(reason: "nothing follows the last `$`") }
        if first == "{" {
            return try takeGroupName(from: &rest, of: pattern)
        }
        guard var number = first.asciiDigit else {
            throw Fault(reason: "`$\(first)` is neither `$` and a digit nor `${name}`")
        }
        // A further digit belongs to the number only as long as there are that many groups.
        while let digit = rest.first?.asciiDigit, number * 10 + digit <= pattern.groupCount {
            number = number * 10 + digit
            rest.removeFirst()
        }
        guard number <= pattern.groupCount else { throw Fault(reason: "there is no group `$\(number)`") }
        return .group(number)
    }

    private static func takeGroupName(
        from rest: inout Substring.UnicodeScalarView,
        of pattern: JavaPattern
    ) throws(Fault) -> Piece {
        let name = String(rest.prefix { $0.isASCII && $0.properties.isAlphabetic || $0.asciiDigit != nil })
        rest.removeFirst(name.unicodeScalars.count)
        guard rest.popFirst() == "}", !name.isEmpty, name.unicodeScalars.first?.asciiDigit == nil else {
            throw Fault(reason: "`${` is not followed by the name of a group and `}`")
        }
        guard pattern.hasGroup(named: name) else { throw Fault(reason: "there is no group `${\(name)}`") }
        return .namedGroup(name)
    }
}

extension Unicode.Scalar {
    /// The value of `0` to `9`, and of nothing else.
    var asciiDigit: Int? {
        ("0"..."9").contains(self) ? Int(value - ("0" as Unicode.Scalar).value) : nil
    }
}
