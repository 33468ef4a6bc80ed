import Testing

@testable import Policy

@Suite("Patterns of masks")
struct PatternTests {
    @Test(arguments: [
        "a", "[a-z0-9_]+", "^[^@]+@", "\\d{4}-\\d{2}", "(a|b)*c", "(?:ab)+", "a*b*", "x?y{2,5}z", "[^ ]+ [^ ]+", "\\.",
        "[a-z]+[0-9]+", "(ab|cd)*", "[\\w.]+@[a-z]+", "a{0,3}b", "(\\d+,)+", "a+?b", "[a\\-z]", "[a-]", "é+",
        "\\(\\d+\\)",
        "^(\\d{4}) ?(\\d{4}) ?(\\d{4})$", "[^@]*@[^@]*",
    ])
    func patternWithBoundedlyManyWaysIsTaken(pattern: String) {
        #expect(MaskMethod.fault(inPattern: pattern) == nil)
    }

    /// What keeps a backtracking matcher busy: exponentially or polynomially many ways through one text.
    @Test(arguments: [
        "(a+)+", "(a*)*", "(a|a)*", "(a|aa)+", "(.*)*", ".*.*x", "a*a*", "([a-z]+)*!", "(x+x+)+y", "(a|b|ab)*c",
        "\\w+\\d+x", "(.*a){10}", "(a?){20}a{20}", "([^@]*)*@", "\\s+\\s*$", "(a|[a-c])+", "(\\d+)+-", ".*,.*,.*;",
        "(?:a|b)*(?:a|c)*",
    ])
    func patternThatHostileDataCanKeepBusyIsRefused(pattern: String) throws {
        let fault = try #require(MaskMethod.fault(inPattern: pattern), "\(pattern) is taken")
        #expect(fault.contains("more and more ways") || fault.contains("too large"), "\(fault)")
    }

    @Test(arguments: [
        ("", "empty"), ("(a", "not closed"), ("a)", "closes nothing"), ("[a", "not closed"), ("a**", "two quantifiers"),
        ("*a", "behind nothing"), ("a{2", "quantifier"), ("a{3,2}", "quantifier"), ("a{2000}", "quantifier"),
        ("a\\", "last sign"), ("\\1", "not taken"), ("\\p{L}", "not taken"), ("(?=a)", "(?:"), ("(?<n>a)", "(?:"),
        ("(?i)a", "(?:"), ("a++", "possessive"), ("^*", "behind `^`"), ("[z-a]", "range"), ("[a&&b]", "within a class"),
        ("[[a]", "within a class"), ("a]", "closes nothing"), ("\\Qa\\E", "not taken"),
    ])
    func patternThatIsNoneIsRefused(pattern: String, words: String) throws {
        let fault = try #require(MaskMethod.fault(inPattern: pattern))
        #expect(fault.contains(words), "\(fault)")
    }

    @Test func patternMayHaveNoMoreThan256Bytes() {
        #expect(MaskMethod.fault(inPattern: String(repeating: "a", count: 90)) == nil)
        #expect(MaskMethod.fault(inPattern: String(repeating: "a", count: 257))?.contains("257 bytes") == true)
        #expect(MaskMethod.fault(inPattern: String(repeating: "(", count: 40))?.contains("nested") == true)
    }

    @Test(
        arguments: [
            ("x", "(a)", nil), ("$1-$2", "(a)(b)", nil), ("$0", "a", nil), ("\\$1", "a", nil), ("", "a", nil),
            ("$2", "(a)", "no group 2"), ("$x", "a", "by its number"), ("$", "a", "by its number"),
            ("a\\", "a", "last sign"), ("$11", "(a)", "before a digit"), ("$1\\1", "(a)", nil),
            ("$1", "(?:a)", "no group 1"),
        ] as [(String, String, String?)])
    func replacementNamesGroupsThatThereAre(text: String, pattern: String, words: String?) {
        let fault = MaskMethod.fault(inReplacement: text, of: pattern)
        #expect((fault == nil) == (words == nil), "\(fault ?? "")")
        if let words { #expect(fault?.contains(words) == true, "\(fault ?? "")") }
    }
}
