import Testing

@testable import Identity

@Suite("auth_to_local")
struct AuthToLocalTests {
    @Test(arguments: [
        ("alice@EXAMPLE.COM", "alice"),
        ("hdfs/nn1.example.com@EXAMPLE.COM", "hdfs"),
        ("alice", "alice"),
        ("a/b/c", "a/b/c"),
    ])
    func defaultRuleTakesTheFirstComponentInTheDefaultRealm(principal: String, expected: String) throws {
        let rules = try AuthToLocal(defaultRealm: "EXAMPLE.COM")
        #expect(try rules.shortName(of: Principal(parsing: principal)) == expected)
    }

    @Test func defaultRuleNeverAppliesWithoutADefaultRealm() throws {
        let rules = try AuthToLocal(defaultRealm: nil)
        #expect(throws: ShortNameError.noMatchingRule("alice@EXAMPLE.COM")) {
            try rules.shortName(of: Principal(parsing: "alice@EXAMPLE.COM"))
        }
    }

    @Test func defaultRealmIsComparedByBytes() throws {
        let rules = try AuthToLocal(defaultRealm: "R\u{C9}ALM")
        #expect(throws: ShortNameError.noMatchingRule("alice@RE\u{301}ALM")) {
            try rules.shortName(of: Principal(parsing: "alice@RE\u{301}ALM"))
        }
    }

    @Test(arguments: [
        "a/b/c@EXAMPLE.COM", "@EXAMPLE.COM", "/alice@EXAMPLE.COM", "alice/@EXAMPLE.COM", #"a\/b@EXAMPLE.COM"#,
        #"a\@b@EXAMPLE.COM"#, #"a@EXAMPLE.COM\/X"#, #"a\@b"#,
    ])
    func hasNoShortNameForWhatHadoopCannotRead(principal: String) throws {
        for mechanism in AuthToLocal.Mechanism.allCases {
            let rules = try AuthToLocal(rules: "RULE:[1:$1]", mechanism: mechanism, defaultRealm: nil)
            #expect(throws: ShortNameError.malformedName(principal)) {
                try rules.shortName(of: Principal(parsing: principal))
            }
        }
    }

    @Test func hadoopMechanismRefusesNonSimpleNamesAndTheMITMechanismTakesThem() throws {
        let rule = "RULE:[1:$1@$0]"
        let principal = try Principal(parsing: "alice@R")
        let hadoop = try AuthToLocal(rules: rule, mechanism: .hadoop, defaultRealm: nil)
        #expect(throws: ShortNameError.nonSimpleName("alice@R", rule: rule)) { try hadoop.shortName(of: principal) }
        let mit = try AuthToLocal(rules: rule, mechanism: .mit, defaultRealm: nil)
        #expect(try mit.shortName(of: principal) == "alice@R")
    }

    @Test func mitMechanismLeavesANameThatNoRuleAppliesTo() throws {
        let rules = try AuthToLocal(rules: "RULE:[2:$1]", mechanism: .mit, defaultRealm: nil)
        #expect(try rules.shortName(of: Principal(parsing: "alice@R")) == "alice@R")
    }

    @Test func ruleThatFailsIsNotPassedOver() throws {
        let rules = try AuthToLocal(rules: "RULE:[1:$2] RULE:[1:$1]", defaultRealm: nil)
        let fault = try #require(rules.warnings.first)
        #expect(throws: ShortNameError.faultyRule(fault)) { try rules.shortName(of: Principal(parsing: "alice@R")) }
        #expect(fault.description == "line 1, column 1: rule `RULE:[1:$2]`: `$2` in the format is none of `$0` to `$1`")
    }

    @Test(arguments: [
        ("RULE:[1:$1](a)s/(a)/$2/", "there is no group `$2`"),
        ("RULE:[1:$1](a)s/a/$/", "nothing follows the last `$`"),
        ("RULE:[1:$1](a)s/a/\\/", "nothing follows the last backslash"),
        ("RULE:[1:$1](a)s/a/$x/", "`$x` is neither `$` and a digit nor `${name}`"),
        ("RULE:[1:$1](a)s/a/${x}/", "there is no group `${x}`"),
        ("RULE:[1:$1](a)s/a/${x/", "`${` is not followed by the name of a group and `}`"),
        ("RULE:[1:$]", "`$` in the format is none of `$0` to `$1`"),
        ("RULE:[3:$1]", "applies to no name: Hadoop knows names of one and of two components only"),
    ])
    func warnsOfRulesThatAreOfNoUse(rule: String, reason: String) throws {
        let warnings = try AuthToLocal(rules: "DEFAULT \(rule)", defaultRealm: nil).warnings
        #expect(warnings == [RuleFault(line: 1, column: 9, rule: rule, reason: reason)])
    }

    @Test(arguments: [
        ("RULE:[1:$1", "RULE:[1:$1", "`]` is missing"),
        ("RULE:[1:$1](a", "RULE:[1:$1](a", "`)` is missing"),
        ("RULE:[1:$1]s/a/b", "RULE:[1:$1]s/a/b", "`/` is missing"),
        ("RULE:[x:$1]", "RULE:[x:$1]", "`RULE:[` is not followed by a number of components and `:`"),
        (
            "RULE:[99999999999:$1]", "RULE:[99999999999:$1]",
            "`RULE:[` is not followed by a number of components and `:`"
        ),
        ("# comment", "# comment", "neither `DEFAULT` nor `RULE:[` stands here"),
        ("RULE:[1:$1]([)", "RULE:[1:$1]([)", "`[` is no regular expression"),
        ("RULE:[1:$1]s/*/x/ DEFAULT", "RULE:[1:$1]s/*/x/", "`*` is no regular expression"),
    ])
    func refusesMalformedRulesWithTheirPlace(rule: String, faultyText: String, reason: String) {
        let fault = RuleFault(line: 2, column: 3, rule: faultyText, reason: reason)
        #expect(throws: AuthToLocalSyntaxError(faults: [fault])) {
            try AuthToLocal(rules: " RULE:[1:$1]\n  \(rule)", defaultRealm: nil)
        }
    }

    @Test func reportsEveryRegularExpressionThatIsNone() {
        let error = #expect(throws: AuthToLocalSyntaxError.self) {
            try AuthToLocal(rules: "RULE:[1:$1]([)\nDEFAULT\nRULE:[2:$1](*)", defaultRealm: nil)
        }
        #expect(error?.faults.map(\.line) == [1, 3])
    }

    @Test(arguments: [
        "RULE:[1:$1]s/(a+)+$/x/",
        "RULE:[1:$1](a*a*a*a*a*a*a*a*b)",
        "RULE:[1:$1]s/(.*)*(.*)*(.*)*!/x/g",
        "RULE:[1:$1]s/((a|a)*)*!/x/g",
        "RULE:[1:$1](.*^*?!)",
        "RULE:[1:$1$1$1](.*)",
    ])
    func expressionThatWouldNeverEndIsGivenUp(rule: String) throws {
        let rules = try AuthToLocal(rules: rule, defaultRealm: nil)
        let name = String(repeating: "a", count: 4_000) + "-@R"
        #expect(throws: ShortNameError.workExceeded(name, rule: rule)) {
            try rules.shortName(of: Principal(parsing: name))
        }
    }

    @Test(arguments: [
        "RULE:[1:$1@$0](.*@R)s/@.*//",
        "RULE:[1:$1@$0](^[^@]+@R$)s/^(.*)@.*$/$1/",
        "RULE:[1:$1]s/[A-Z]/x/g",
        "RULE:[1:$1@$0]s/@R$//",
    ])
    func honestRuleIsWithinTheBoundForTheLongestName(rule: String) throws {
        let rules = try AuthToLocal(rules: rule, defaultRealm: nil)
        let name = String(repeating: "a", count: Principal.maximumLength - 2)
        #expect(try rules.shortName(of: Principal(parsing: "\(name)@R")) == name)
    }

    @Test func rulesAreAppliedByManyThreadsAtOnce() async throws {
        let rules = try AuthToLocal(rules: "RULE:[1:$1@$0](user[0-9]+@R)s/user([0-9]+)@R/$1/", defaultRealm: nil)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask { try rules.shortName(of: Principal(parsing: "user\(number)@R")) == "\(number)" }
            }
            for try await isRight in group {
                #expect(isRight)
            }
        }
    }
}
