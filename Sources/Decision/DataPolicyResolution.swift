import Policy

/// Row filters and masks, resolved for one user.
extension Snapshot {
    private struct Bound {
        var policy: String?
        var filters: [RowFilter]
        var masks: [Mask]
    }

    /// - Returns: what is filtered and masked, in the order in which it is; and the condition that all filters make.
    func dataPolicies(_ person: Person, _ source: DataSource) -> (steps: [Resolution.Step], rows: String?) {
        guard source.definition.kind == .table else { return ([], nil) }
        let excepted = Set(source.definition.exceptions.map(\.policy))
        let applied = source.touching.map { globalPolicies.table.policies[$0] }.filter { !excepted.contains($0.name) }
        let policies =
            [Bound(policy: nil, filters: source.definition.rowFilters, masks: source.definition.masks)]
            + applied.map { Bound(policy: $0.name, filters: $0.rowFilters, masks: $0.masks) }
        let values = values(of: person)
        var steps: [Resolution.Step] = []
        var conditions: [String] = []
        for bound in policies {
            for filter in bound.filters {
                let binds = !exempts(filter.except, person)
                // What could not be read was refused when it was applied; nothing is seen through what cannot be read.
                let sql = binds ? Self.sql(filter.condition, source, values) ?? "FALSE" : ""
                if binds { conditions.append(sql) }
                steps.append(
                    Resolution.Step(
                        question: .rowFilter, policy: bound.policy, name: filter.name, holds: nil,
                        words: binds ? "rows where \(sql)" : "does not bind `\(person.name)`"))
            }
        }
        for column in source.definition.columns { steps += masks(of: column, policies, person, source, values) }
        return (steps, conditions.isEmpty ? nil : conditions.joined(separator: " AND "))
    }

    private func masks(
        of column: TableColumn, _ policies: [Bound], _ person: Person, _ source: DataSource, _ values: UserValues
    ) -> [Resolution.Step] {
        let binding = policies.flatMap { bound in
            bound.masks.filter { $0.covers(column, tags.closure) && !exempts($0.except, person) }
                .sorted { $0.name < $1.name }.map { (policy: bound.policy, mask: $0) }
        }
        // The sort is stable: among equals the order of the policies stays.
        let ordered = binding.enumerated().sorted {
            ($0.element.mask.method.rank, $0.offset) < ($1.element.mask.method.rank, $1.offset)
        }.map(\.element)
        let used = ordered.prefix((ordered.firstIndex { $0.mask.condition == nil } ?? ordered.count) + 1)
        return used.map { policy, mask in
            let condition = mask.condition.map { " unless \(Self.sql($0, source, values) ?? "FALSE") is false" } ?? ""
            return Resolution.Step(
                question: .mask, policy: policy, name: column.name, holds: nil,
                words: "the column `\(column.name)` is masked by `\(mask.name)`: \(mask.method.words)\(condition)")
        }
    }

    private func values(of person: Person) -> UserValues {
        var attributes: [String: Set<String>] = [:]
        for number in person.attributes {
            let word = vocabulary.attributes[number]
            attributes[word.name, default: []].insert(word.value)
        }
        return UserValues(
            name: person.name, groups: Set(person.groups.map { vocabulary.groups[$0] }),
            purposes: Set(person.purposes.map { vocabulary.purposes[$0] }), attributes: attributes)
    }

    private func exempts(_ exemption: Exemption?, _ person: Person) -> Bool {
        guard let exemption else { return false }
        // Nothing is interned for good: what the vocabulary does not know, nobody has.
        var vocabulary = vocabulary
        return CompiledExemption(exemption, &vocabulary).holds(for: person)
    }

    private static func sql(_ text: String, _ source: DataSource, _ values: UserValues) -> String? {
        let columns = source.definition.columns
        return try? PolicyExpression(reading: text, columns: columns, giving: .boolean).sql(for: values)
    }
}
