import Policy

/// Row filters and masks, told of one user.
extension Snapshot {
    /// - Returns: what is filtered and masked, in the order in which it is; and the condition that all filters make.
    func dataPolicies(_ person: Person, _ source: DataSource) -> (steps: [Resolution.Step], rows: String?) {
        let bound = boundDataPolicies(person, source)
        let filters = bound.filters.map { filter in
            let words = filter.condition.map { "rows where \($0.sql(for: bound.values))" }
            return Resolution.Step(
                question: .rowFilter, policy: filter.policy, name: filter.name, holds: nil,
                words: words ?? "does not bind `\(person.name)`")
        }
        let masks = bound.masks.map { mask in
            let condition = mask.condition.map { " unless \($0.sql(for: bound.values)) is false" } ?? ""
            let column = mask.column.name
            return Resolution.Step(
                question: .mask, policy: mask.policy, name: column, holds: nil,
                words: "the column `\(column)` is masked by `\(mask.name)`: \(mask.method.words)\(condition)")
        }
        let conditions = bound.filters.compactMap { $0.condition?.sql(for: bound.values) }
        return (filters + masks, conditions.isEmpty ? nil : conditions.joined(separator: " AND "))
    }
}
