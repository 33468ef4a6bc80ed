import Foundation
import Wording

/// One rule of `hadoop.security.auth_to_local`, as `KerberosName.Rule` in Hadoop.
///
/// `/L` makes lower case for English, as Java does, but for a capital sigma beside a digit or a sign: whether it becomes
/// `σ` or `ς` hangs on where a word ends, on which Java and ICU differ.
struct Rule: Sendable {
    private enum Form {
        /// `DEFAULT`: the first component of a name in the default realm.
        case `default`
        case mapping(Mapping)
    }

    private struct Mapping {
        let componentCount: Int
        let format: Result<RuleFormat, RuleFault>
        let match: JavaPattern?
        let substitution: Substitution?
        let lowercases: Bool
    }

    private struct Substitution {
        let from: JavaPattern
        let to: Result<JavaReplacement, RuleFault>
        let everywhere: Bool
    }

    private static let english = Locale(identifier: "en")

    /// The rule as it was written.
    let text: String

    /// What is wrong with the rule although Hadoop starts with it: it fails for each name that it applies to, or there
    /// is no such name.
    let warnings: [RuleFault]

    private let form: Form

    /// - Throws: ``RuleFault`` for a regular expression that is none.
    init(_ source: RuleParser.RuleText) throws(RuleFault) {
        text = source.text
        guard case .mapping(let parts) = source.form else {
            form = .default
            warnings = []
            return
        }
        let mapping = try Self.mapping(parts, of: source)
        form = .mapping(mapping)
        warnings = Self.warnings(on: mapping, of: source)
    }

    /// What the rule makes of a name.
    ///
    /// - Returns: `nil` if the rule does not apply to the name.
    /// - Throws: ``ShortNameError`` if it applies, but no short name comes of it; no later rule is tried then.
    func apply(
        to name: HadoopName,
        mechanism: AuthToLocal.Mechanism,
        defaultRealm: String?
    ) throws(ShortNameError) -> String? {
        switch form {
        case .default:
            guard let realm = name.realm, let defaultRealm, realm.hasSameBytes(as: defaultRealm) else { return nil }
            return name.components[0]
        case .mapping(let mapping):
            guard let result = try translate(name, by: mapping) else { return nil }
            guard mechanism == .mit || HadoopName.isSimple(result) else { throw .nonSimpleName(result, rule: text) }
            return mapping.lowercases ? result.lowercased(with: Self.english) : result
        }
    }

    private func translate(_ name: HadoopName, by mapping: Mapping) throws(ShortNameError) -> String? {
        guard name.components.count == mapping.componentCount else { return nil }
        let base = try usable(mapping.format).filled(with: name.parameters)
        do throws(JavaPattern.WorkExceeded) {
            if let match = mapping.match, try !match.matchesWhole(base) { return nil }
        } catch {
            throw .workExceeded(name.text, rule: text)
        }
        guard let substitution = mapping.substitution else { return base }
        return try substitute(substitution, in: base, of: name)
    }

    private func substitute(
        _ substitution: Substitution,
        in base: String,
        of name: HadoopName
    ) throws(ShortNameError) -> String {
        let matches: [NSTextCheckingResult]
        do throws(JavaPattern.WorkExceeded) {
            matches = try substitution.from.matches(in: base, limit: substitution.everywhere ? .max : 1)
        } catch {
            throw .workExceeded(name.text, rule: text)
        }
        guard !matches.isEmpty else { return base }
        return try usable(substitution.to).replacing(matches, in: base)
    }

    private func usable<Part>(_ part: Result<Part, RuleFault>) throws(ShortNameError) -> Part {
        switch part {
        case .success(let part): return part
        case .failure(let fault): throw .faultyRule(fault)
        }
    }
}

// MARK: - Reading a rule

extension Rule {
    private static func mapping(
        _ parts: RuleParser.RuleText.Mapping,
        of source: RuleParser.RuleText
    ) throws(RuleFault) -> Mapping {
        Mapping(
            componentCount: parts.componentCount,
            format: Result { () throws(RuleFormat.Fault) in
                try RuleFormat(parts.format, componentCount: parts.componentCount)
            }.mapError { source.fault($0.reason) },
            match: try parts.match.map { match throws(RuleFault) in try pattern(match, of: source) },
            substitution: try parts.substitution.map { parts throws(RuleFault) in
                try substitution(parts, of: source)
            },
            lowercases: parts.lowercases
        )
    }

    private static func substitution(
        _ parts: RuleParser.RuleText.Substitution,
        of source: RuleParser.RuleText
    ) throws(RuleFault) -> Substitution {
        let from = try pattern(parts.from, of: source)
        let to = Result { () throws(JavaReplacement.Fault) in try JavaReplacement(parts.to, for: from) }
        return Substitution(from: from, to: to.mapError { source.fault($0.reason) }, everywhere: parts.everywhere)
    }

    private static func pattern(_ text: String, of source: RuleParser.RuleText) throws(RuleFault) -> JavaPattern {
        do throws(JavaPattern.SyntaxError) {
            return try JavaPattern(text)
        } catch {
            throw source.fault("\(quoted(text)) is no regular expression")
        }
    }

    private static func warnings(on mapping: Mapping, of source: RuleParser.RuleText) -> [RuleFault] {
        guard (1...2).contains(mapping.componentCount) else {
            return [source.fault("applies to no name: Hadoop knows names of one and of two components only")]
        }
        var warnings: [RuleFault] = []
        if case .failure(let fault) = mapping.format {
            warnings.append(fault)
        }
        if case .failure(let fault) = mapping.substitution?.to {
            warnings.append(fault)
        }
        return warnings
    }
}
