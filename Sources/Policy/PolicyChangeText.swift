import Wording

extension PolicyChange {
    /// How many objects are created, changed and deleted: "2 created, 1 changed, 0 deleted".
    package var summary: String {
        let actions: [Action] = [.created, .changed, .deleted]
        return actions.map { action in "\(entries.count { $0.action == action }) \(action.rawValue)" }
            .joined(separator: ", ")
    }

    /// The change as an administrator reads it: a line for every object, marked `+` when it is created, `~` when it
    /// is changed and `-` when it is deleted, and below it an indented line for every field.
    package var lines: [String] {
        entries.flatMap(\.lines)
    }
}

extension PolicyChange.Entry {
    fileprivate var lines: [String] {
        let head = "\(mark) \(kind.named(name))"
        return action == .deleted ? [head] : [head] + fields.map { "    \($0.line)" }
    }

    private var mark: String { action.mark }
}

extension PolicyChange.Action {
    package var mark: String {
        switch self {
        case .created: "+"
        case .changed: "~"
        case .deleted: "-"
        }
    }
}

extension PolicyChange.Field {
    fileprivate var line: String {
        if removed.count == 1, added.count == 1 {
            return "\(name): \(quoted(removed[0])) -> \(quoted(added[0]))"
        }
        let gone = removed.isEmpty ? [] : ["- " + removed.map(quoted).joined(separator: ", ")]
        let come = added.isEmpty ? [] : ["+ " + added.map(quoted).joined(separator: ", ")]
        return "\(name): \((gone + come).joined(separator: "; "))"
    }
}
