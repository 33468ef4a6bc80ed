import Wording

/// Why the rules make no short name of a principal. Hadoop, too, then refuses to serve it.
package enum ShortNameError: Error, Equatable {
    /// Hadoop cannot read the principal: it has a realm, and more than two components, an empty one, or a `/` or `@`
    /// that is part of a component or of the realm.
    case malformedName(String)
    /// No rule applies to the name.
    case noMatchingRule(String)
    /// A rule applies, but there is a `/` or `@` in what it makes of the name.
    case nonSimpleName(String, rule: String)
    /// A rule applies that cannot be carried out.
    case faultyRule(RuleFault)
    /// A regular expression of the rule has no answer for the name within the work that one is allowed.
    case workExceeded(String, rule: String)
}

extension ShortNameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedName(let name):
            "Hadoop cannot read the principal \(quoted(name)): it takes one or two components, none of them empty, "
                + "without `/` or `@` in them"
        case .noMatchingRule(let name):
            "no auth_to_local rule applies to \(quoted(name))"
        case .nonSimpleName(let name, let rule):
            "non-simple name \(quoted(name)) after auth_to_local rule \(quoted(rule))"
        case .faultyRule(let fault):
            "auth_to_local rule cannot be carried out: \(fault)"
        case .workExceeded(let name, let rule):
            "auth_to_local rule \(quoted(rule)) takes too long to match \(quoted(name)): simplify its regular expression"
        }
    }
}
