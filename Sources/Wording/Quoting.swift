/// Input as messages show it: in backticks, on one line, with what could disturb a terminal escaped, and cut short.
package func quoted(_ text: String) -> String {
    "`\(escaped(text))`"
}

private let shownCharacters = 200

private func escaped(_ text: String) -> String {
    var shown = ""
    for (index, character) in text.enumerated() {
        guard index < shownCharacters else { return shown + "…" }
        for scalar in character.unicodeScalars {
            shown += isDisruptive(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
    return shown
}

/// Whether the scalar may change how a terminal shows what is around it.
package func isDisruptive(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}

/// Whether the scalar is a control character or breaks a line.
package func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
