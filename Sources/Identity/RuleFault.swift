import Wording

/// What is wrong with one rule of `hadoop.security.auth_to_local`, and where it stands.
package struct RuleFault: Error, Equatable {
    /// The line of the rule within the list of rules, from 1.
    package let line: Int
    /// The column of the rule's first character within the line, in Unicode scalars from 1.
    package let column: Int
    /// The text of the rule; where its end could not be found, the rest of the list.
    package let rule: String
    /// What is wrong with it.
    package let reason: String
}

extension RuleFault: CustomStringConvertible {
    package var description: String {
        "line \(line), column \(column): rule \(quoted(rule)): \(reason)"
    }
}

/// A list of rules that Hadoop, too, would refuse to start with.
package struct AuthToLocalSyntaxError: Error, Equatable {
    /// The faults, in the order of the rules; at least one.
    package let faults: [RuleFault]
}

extension AuthToLocalSyntaxError: CustomStringConvertible {
    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
