/// Writes what ICU would read differently from Java in a regular expression so that it reads it alike.
enum JavaPatternRewriter {
    /// The members of Java's predefined classes, by the letter of their escape. ASCII, unlike ICU's.
    private static let predefinedClasses: [Unicode.Scalar: String] = [
        "w": "a-zA-Z_0-9",
        "d": "0-9",
        "s": #"\x20\t\n\x0B\f\r"#,
    ]

    /// The members of Java's POSIX classes, by their name in `\p{…}`. ASCII, unlike ICU's.
    private static let posixClasses = [
        "Lower": "a-z",
        "Upper": "A-Z",
        "ASCII": #"\x00-\x7F"#,
        "Alpha": "a-zA-Z",
        "Digit": "0-9",
        "Alnum": "a-zA-Z0-9",
        "Punct": #"!-/:-@\[-`{-~"#,
        "Graph": "!-~",
        "Print": #"\x20-~"#,
        "Blank": #"\x20\t"#,
        "Cntrl": #"\x00-\x1F\x7F"#,
        "XDigit": "0-9a-fA-F",
        "Space": #"\x20\t\n\x0B\f\r"#,
    ]

    /// - Parameter source: An expression in the language of `java.util.regex.Pattern`; what is wrong with it stays so.
    static func icuPattern(for source: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = source.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let letter = rest.popFirst() else {
                result.append(scalar)
                continue
            }
            switch letter {
            case "Q": result += quotation(from: &rest).unicodeScalars
            case "p", "P": result += property(negated: letter == "P", from: &rest).unicodeScalars
            default: result += predefinedClass(letter).unicodeScalars
            }
        }
        return String(result)
    }

    /// `\Q…\E`. Java lets a quotation without its end go on to the end of the expression; here it is always ended, so
    /// that something may follow.
    private static func quotation(from rest: inout Substring.UnicodeScalarView) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\\", rest.first == "E" {
                rest.removeFirst()
                break
            }
            text.append(scalar)
        }
        return #"\Q\#(String(text))\E"#
    }

    /// `\p{Name}`, or `\pL` for a name of one letter, which ICU knows in braces only.
    private static func property(negated: Bool, from rest: inout Substring.UnicodeScalarView) -> String {
        let escape = negated ? #"\P"# : #"\p"#
        guard let first = rest.popFirst() else { return escape }
        guard first == "{" else { return "\(escape){\(first)}" }
        guard let end = rest.firstIndex(of: "}") else { return escape + "{" }
        let name = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        guard let members = posixClasses[name] else { return "\(escape){\(name)}" }
        return set(of: members, negated: negated)
    }

    /// `\w` and its like; `\W` is what `\w` is not. Any other escape stays.
    private static func predefinedClass(_ letter: Unicode.Scalar) -> String {
        if let members = predefinedClasses[letter] {
            return set(of: members, negated: false)
        }
        if letter.isASCII, let members = predefinedClasses[Unicode.Scalar(UInt8(letter.value) | 0x20)] {
            return set(of: members, negated: true)
        }
        return "\\\(letter)"
    }

    private static func set(of members: String, negated: Bool) -> String {
        negated ? "[^\(members)]" : "[\(members)]"
    }
}
