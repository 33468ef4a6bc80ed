import Policy

/// The row filters and masks of one data source that bind one user.
package struct DataPolicies: Sendable {
    package struct BoundFilter: Sendable {
        /// The global policy that says so; `nil` for the data source's own.
        package var policy: String?
        package var name: String
        /// The condition that the filter makes; `nil` if it does not bind the user.
        package var condition: PolicyExpression?
    }

    package struct BoundMask: Sendable {
        package var policy: String?
        package var name: String
        package var column: TableColumn
        package var method: MaskMethod
        /// The mask is used in rows for which this is not false; `nil` for all rows.
        package var condition: PolicyExpression?
        /// What a mask by expression gives.
        package var expression: PolicyExpression?
    }

    /// In the order in which they are told, those that do not bind the user among them.
    package var filters: [BoundFilter] = []
    /// Column by column, and for one column the strictest first.
    package var masks: [BoundMask] = []
    /// What expressions say of the user.
    package var values: UserValues
    /// The project whose salt hashes are made with; `nil` for the data source's own.
    package var project: String?

    /// Whether anything is hidden from the user.
    package var restrict: Bool { !masks.isEmpty || filters.contains { $0.condition != nil } }
}

extension Snapshot {
    private struct Saying {
        var policy: String?
        var filters: [RowFilter]
        var masks: [Mask]
    }

    /// What binds a user at a table; nothing at plain files.
    func boundDataPolicies(_ person: Person, _ source: DataSource) -> DataPolicies {
        var found = DataPolicies(values: values(of: person))
        guard source.definition.kind == .table else { return found }
        if let project = person.project, project.definition.joinsOnHash, person.membershipEnd != nil,
            project.dataSources.place(of: source.id) != nil
        {
            found.project = project.name
        }
        let excepted = Set(source.definition.exceptions.map(\.policy))
        let applied = source.touching.map { globalPolicies.table.policies[$0] }.filter { !excepted.contains($0.name) }
        let policies =
            [Saying(policy: nil, filters: source.definition.rowFilters, masks: source.definition.masks)]
            + applied.map { Saying(policy: $0.name, filters: $0.rowFilters, masks: $0.masks) }
        let columns = source.definition.columns
        for saying in policies {
            for filter in saying.filters {
                // What could not be read was refused when it was applied; nothing is seen through what cannot be read.
                let condition =
                    exempts(filter.except, person)
                    ? nil : Self.expression(filter.condition, columns, .boolean) ?? .literal("FALSE")
                found.filters.append(.init(policy: saying.policy, name: filter.name, condition: condition))
            }
        }
        for column in columns { found.masks += masks(of: column, policies, person, columns) }
        return found
    }

    private func masks(
        of column: TableColumn, _ policies: [Saying], _ person: Person, _ columns: [TableColumn]
    ) -> [DataPolicies.BoundMask] {
        let binding = policies.flatMap { saying in
            saying.masks.filter { $0.covers(column, tags.closure) && !exempts($0.except, person) }
                .sorted { $0.name < $1.name }.map { (policy: saying.policy, mask: $0) }
        }
        // The sort is stable: among equals the order of the policies stays.
        let ordered = binding.enumerated().sorted {
            ($0.element.mask.method.rank, $0.offset) < ($1.element.mask.method.rank, $1.offset)
        }.map(\.element)
        let used = ordered.prefix((ordered.firstIndex { $0.mask.condition == nil } ?? ordered.count) + 1)
        return used.map { policy, mask in
            var bound = DataPolicies.BoundMask(policy: policy, name: mask.name, column: column, method: mask.method)
            // As for filters: what cannot be read masks every row, and with null.
            bound.condition = mask.condition.flatMap { Self.expression($0, columns, .boolean) }
            if case .expression(let sql) = mask.method {
                bound.expression = Self.expression(sql, columns, column.type.sort) ?? .literal("NULL")
            }
            return bound
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

    private static func expression(
        _ text: String, _ columns: [TableColumn], _ sort: ColumnType.Sort
    ) -> PolicyExpression? {
        try? PolicyExpression(reading: text, columns: columns, giving: sort)
    }
}
