/// Foreign text as it may stand in a message: in backticks, control characters escaped, cut after 200 characters.
///
/// Principals and configuration come from outside; a line break in one of them must not forge a line of a log.
func quoted(_ text: String) -> String {
    let limit = 200
    let scalars = text.unicodeScalars
    let shown = scalars.prefix(limit).map { scalar in
        scalar.properties.generalCategory.isUnprintable ? scalar.escaped(asASCII: true) : String(scalar)
    }
    let omission = scalars.count > limit ? "…" : ""
    return "`\(shown.joined())\(omission)`"
}

extension Unicode.GeneralCategory {
    fileprivate var isUnprintable: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
