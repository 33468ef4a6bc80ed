import Foundation

/// A regular expression of `java.util.regex.Pattern`, run by ICU (`NSRegularExpression`).
///
/// The two languages are nearly one. What differs in what a rule is likely to hold is rewritten for ICU: `\w`, `\d`,
/// `\s`, their negations and the POSIX classes (`\p{Alpha}`) mean ASCII to Java and all of Unicode to ICU.
///
/// Known to remain:
/// - Refused by ICU, fine for Java: an unescaped `}`, octal escapes without a leading zero (`\101`), the flag `(?U)`,
///   an unbounded look-behind, a reference to a group that does not exist, a quantifier after `|`, `&&` without a set on
///   either side.
/// - Accepted by ICU, refused by Java: a backslash before a letter that stands for nothing (`\y`), `\E` without `\Q`.
/// - ICU never comes to the end of a lazy or possessive repetition of what matches nothing (`^*?`): ``WorkExceeded``.
/// - `(?i)` folds the case of all of Unicode in ICU, of ASCII in Java. `.` and `$` take vertical tab and form feed for
///   line ends in ICU only. `\b` sees combining marks differently. Java finds an empty match between the two halves of a
///   character beyond U+FFFF.
struct JavaPattern: Sendable {
    /// ICU does not take the expression.
    struct SyntaxError: Error {}

    /// The text is too long, or the work allowed for it was used up before there was an answer.
    struct WorkExceeded: Error {}

    /// How often ICU may report that it is still at work on a text, besides once for each UTF-16 unit of the text.
    ///
    /// ICU reports at the start of each attempt to match, and within an attempt after every 10,000 steps. Even
    /// the worst of expressions is given up on the longest text within seconds.
    static let workLimit = 200

    /// The longest text that is matched, in UTF-16 units: twice the longest principal. A format can only exceed it by
    /// repeating a part of the name.
    static let textLimit = 2 * Principal.maximumLength

    /// The number of capturing groups.
    var groupCount: Int { search.numberOfCaptureGroups }

    private let search: NSRegularExpression
    private let wholeMatch: NSRegularExpression

    /// - Parameter source: The expression, in Java's language.
    init(_ source: String) throws(SyntaxError) {
        // ICU takes no empty expression.
        let pattern = source.isEmpty ? "(?:)" : JavaPatternRewriter.icuPattern(for: source)
        // On its own first: an unbalanced expression might be balanced by the parentheses of the second.
        guard let search = try? NSRegularExpression(pattern: pattern),
            let wholeMatch = try? NSRegularExpression(pattern: "(?:\(pattern))\\z")
        else {
            throw SyntaxError()
        }
        self.search = search
        self.wholeMatch = wholeMatch
    }

    /// Whether the expression has a group of that name.
    func hasGroup(named name: String) -> Bool {
        // ICU refuses a reference to a group that is not there.
        (try? NSRegularExpression(pattern: "\(search.pattern)\\k<\(name)>")) != nil
    }

    /// Whether the expression matches the whole text: `Matcher.matches`.
    ///
    /// - Throws: ``WorkExceeded``.
    func matchesWhole(_ text: String) throws(WorkExceeded) -> Bool {
        try !Self.matches(of: wholeMatch, in: text, options: .anchored, limit: 1).isEmpty
    }

    /// The matches of the expression within the text, from left to right: `Matcher.find`.
    ///
    /// - Parameter limit: How many matches are wanted at most.
    /// - Throws: ``WorkExceeded``.
    func matches(in text: String, limit: Int = .max) throws(WorkExceeded) -> [NSTextCheckingResult] {
        try Self.matches(of: search, in: text, options: [], limit: limit)
    }

    private static func matches(
        of expression: NSRegularExpression,
        in text: String,
        options: NSRegularExpression.MatchingOptions,
        limit: Int
    ) throws(WorkExceeded) -> [NSTextCheckingResult] {
        let length = text.utf16.count
        guard length <= textLimit else { throw WorkExceeded() }
        var remainingReports = length + workLimit
        var isExceeded = false
        var matches: [NSTextCheckingResult] = []
        expression.enumerateMatches(
            in: text,
            options: options.union([.reportProgress, .reportCompletion]),
            range: NSRange(location: 0, length: length)
        ) { match, flags, stop in
            if let match {
                matches.append(match)
                stop.pointee = ObjCBool(matches.count == limit)
            } else if flags.contains(.progress) {
                remainingReports -= 1
                isExceeded = remainingReports < 0
                stop.pointee = ObjCBool(isExceeded)
            } else if flags.contains(.internalError) {
                // ICU ran out of the memory that it allows itself for stepping back: no answer, not "no match".
                isExceeded = true
            }
        }
        guard !isExceeded else { throw WorkExceeded() }
        return matches
    }
}
