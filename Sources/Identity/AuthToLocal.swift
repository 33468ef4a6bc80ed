/// The rules of `hadoop.security.auth_to_local`, evaluated as Hadoop 3.3.6 does (`KerberosName`).
///
/// Hadoop 2.7.4 differs in one thing that ordinary names show: it takes `host/nn1`, without a realm, for a short name,
/// while 3.3.6 applies the rules to it.
package struct AuthToLocal: Sendable {
    /// What becomes of a name that no rule applies to, and of a `/` or `@` in a result:
    /// `hadoop.security.auth_to_local.mechanism`.
    package enum Mechanism: String, Sendable, CaseIterable {
        /// Both are errors. What Hadoop does unless told otherwise, and all that Hadoop 2.7.4 knows.
        case hadoop
        /// The name as it is becomes the short name; a result may be of any form.
        case mit

        /// The mechanism of that name, upper or lower case.
        package init?(named name: String) {
            self.init(rawValue: name.lowercased())
        }
    }

    /// The rules of a cluster with Kerberos that has none of its own.
    package static let defaultRules = "DEFAULT"

    /// The rules of a cluster without Kerberos that has none of its own (`HadoopKerberosName`).
    package static let defaultRulesWithoutKerberos = "RULE:[1:$1] RULE:[2:$1]"

    /// The mechanism in force.
    package let mechanism: Mechanism

    /// The realm whose names `DEFAULT` applies to; `nil` if there is none, and `DEFAULT` never applies.
    package let defaultRealm: String?

    /// Rules that are of no use as they are: they fail for each name that they apply to, or apply to none. Hadoop
    /// accepts them, so they are no errors; an administrator should hear of them.
    package var warnings: [RuleFault] { rules.flatMap(\.warnings) }

    private let rules: [Rule]

    /// Reads a list of rules.
    ///
    /// - Parameters:
    ///   - rules: The rules, separated by white space; the first that applies to a name decides.
    ///   - mechanism: The mechanism in force.
    ///   - defaultRealm: The realm that `DEFAULT` applies to.
    /// - Throws: ``AuthToLocalSyntaxError`` if a rule is malformed or a regular expression is.
    package init(
        rules: String = defaultRules,
        mechanism: Mechanism = .hadoop,
        defaultRealm: String?
    ) throws(AuthToLocalSyntaxError) {
        self.mechanism = mechanism
        self.defaultRealm = defaultRealm
        self.rules = try Self.compile(rules)
    }

    /// The short name of a principal.
    ///
    /// A principal without a realm and with one component, or with a form that no rule can apply to, already is a short
    /// name: it comes back as it is, without escapes.
    ///
    /// The work is bounded whatever the rules and the principal are: see ``ShortNameError/workExceeded(_:rule:)``.
    ///
    /// - Throws: ``ShortNameError`` if the rules make none of it.
    package func shortName(of principal: Principal) throws(ShortNameError) -> String {
        guard let name = HadoopName(principal) else { return try nonKerberosName(principal) }
        if name.realm == nil, name.components.count == 1 {
            return name.components[0]
        }
        for rule in rules {
            if let result = try rule.apply(to: name, mechanism: mechanism, defaultRealm: defaultRealm) {
                return result
            }
        }
        guard mechanism == .mit else { throw .noMatchingRule(name.text) }
        return name.text
    }

    /// A name that Hadoop cannot take apart is a short name to it, unless there is an `@` in it.
    private func nonKerberosName(_ principal: Principal) throws(ShortNameError) -> String {
        guard principal.realm == nil, principal.components.allSatisfy(HadoopName.isSimple) else {
            throw .malformedName(principal.description)
        }
        return principal.components.joined(separator: "/")
    }

    private static func compile(_ text: String) throws(AuthToLocalSyntaxError) -> [Rule] {
        let sources: [RuleParser.RuleText]
        do throws(RuleFault) {
            sources = try RuleParser.rules(in: text)
        } catch {
            throw AuthToLocalSyntaxError(faults: [error])
        }
        var rules: [Rule] = []
        var faults: [RuleFault] = []
        for source in sources {
            do throws(RuleFault) {
                rules.append(try Rule(source))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw AuthToLocalSyntaxError(faults: faults) }
        return rules
    }
}
