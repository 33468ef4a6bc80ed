import StrictYAML
import Wording

/// Checks what data sources and the global policies that apply to them say together.
struct DataPolicyCheck<Base: PolicyBase> {
    let plan: PolicyPlan<Base>
    let problems: ProblemCollector

    /// - Parameter written: ``PolicyPlan/written``.
    func everything(_ written: [PlacedItem]) throws {
        for placed in written {
            if case .globalPolicy(let policy) = placed.value { syntax(of: policy, placed) }
        }
        let touchesAll = plan.edits.keys.contains { $0.kind == .tag || $0.kind == .globalPolicy }
        let names = written.filter { $0.value.kind == .dataSource }.map(\.value.name)
        guard touchesAll || !names.isEmpty else { return }
        let global = GlobalPolicies(
            try plan.items(of: .globalPolicy).compactMap {
                if case .globalPolicy(let policy) = $0 { policy } else { nil }
            },
            tags: try plan.items(of: .tag).compactMap { if case .tag(let tag) = $0 { tag } else { nil } })
        let touched = touchesAll ? Set(names).union(try plan.base.taggedDataSources()) : Set(names)
        for name in touched.sorted() {
            guard let placed = try plan.placed(PolicyName(kind: .dataSource, name: name)),
                case .dataSource(let source) = placed.value
            else { continue }
            check(source, placed, global)
        }
    }

    /// What can be told of a global policy's expressions without any table.
    private func syntax(of policy: GlobalPolicy, _ placed: PlacedItem) {
        for filter in policy.rowFilters {
            expression(filter.condition, nil, .boolean, "row-filters.\(filter.name).where", placed)
        }
        for mask in policy.masks {
            if let condition = mask.condition {
                expression(condition, nil, .boolean, "masks.\(mask.name).when", placed)
            }
            if case .expression(let sql) = mask.method {
                expression(sql, nil, nil, "masks.\(mask.name).mask", placed)
            }
        }
    }

    private func check(_ source: DataSource, _ placed: PlacedItem, _ global: GlobalPolicies) {
        let touching = global.touching(tags: source.tags).map { global.policies[$0] }
        exceptions(source, placed, touching, global)
        let excepted = Set(source.exceptions.map(\.policy))
        let applied = touching.filter { !excepted.contains($0.name) }
        switch source.kind {
        case .files:
            let count = applied.reduce(source.fileRules.count) { $0 + $1.fileRules.count }
            guard count > FileRule.mostPerDataSource else { return }
            problems.report(
                at: placed.origin, object: placed.words, field: "file-rules",
                "\(count) file rules apply, those of global policies included, and a data source has at most "
                    + "\(FileRule.mostPerDataSource); join some")
        case .table: table(source, placed, applied, global.closure)
        }
    }

    private func exceptions(
        _ source: DataSource, _ placed: PlacedItem, _ touching: [GlobalPolicy], _ global: GlobalPolicies
    ) {
        for exception in source.exceptions {
            // One that is not there has been reported as such.
            guard let policy = global.policies.first(where: { $0.name == exception.policy }) else { continue }
            let fault: String
            if !policy.allowsExceptions {
                fault = "does not say `allows-exceptions: true`"
            } else if !touching.contains(where: { $0.name == policy.name }) {
                fault = "applies to none of the data source's tags"
            } else {
                continue
            }
            problems.report(
                at: origin(placed, policy, .object(.globalPolicy, policy.name)), object: placed.words,
                field: "exceptions", "\(ObjectKind.globalPolicy.named(policy.name)) \(fault); remove the exception")
        }
    }

    /// In the data source's file; where it has none, in that of the policy.
    private func origin(_ placed: PlacedItem, _ policy: GlobalPolicy?, _ mention: Mention) -> Origin {
        if placed.source != nil { return placed.origin(of: mention) }
        guard let policy, let source = plan.edits[PolicyName(kind: .globalPolicy, name: policy.name)]?.source else {
            return .stored
        }
        return .place(source.location(of: mention))
    }

    // MARK: Tables

    private func table(
        _ source: DataSource, _ placed: PlacedItem, _ applied: [GlobalPolicy], _ closure: TagClosure
    ) {
        let policies: [(policy: GlobalPolicy?, filters: [RowFilter], masks: [Mask])] =
            [(nil, source.rowFilters, source.masks)] + applied.map { ($0, $0.rowFilters, $0.masks) }
        for (policy, filters, masks) in policies where !(filters.isEmpty && masks.isEmpty) {
            guard !source.columns.isEmpty else {
                let what = policy.map { "the global policy \(quoted($0.name)) filters rows or masks columns" }
                problems.report(
                    at: origin(placed, policy, .field("columns")), object: placed.words, field: "columns",
                    "\(what ?? "rows are filtered or columns masked"), which needs the table's columns; declare them")
                return
            }
            for filter in filters {
                expression(
                    filter.condition, source.columns, .boolean, "row-filters.\(filter.name).where", placed, policy)
            }
            for mask in masks { check(mask, source, placed, policy, closure) }
        }
    }

    private func check(
        _ mask: Mask, _ source: DataSource, _ placed: PlacedItem, _ policy: GlobalPolicy?, _ closure: TagClosure
    ) {
        let field = "masks.\(mask.name)"
        let names = Set(source.columns.map { $0.name.lowercased() })
        for name in mask.columns.sorted() where policy == nil && !names.contains(name.lowercased()) {
            problems.report(
                at: placed.origin(of: .field(field)), object: placed.words, field: "\(field).columns",
                unknown("column", name, among: source.columns.map(\.name)))
        }
        let masked = source.columns.filter { mask.covers($0, closure) }
        guard !masked.isEmpty else { return }
        if let condition = mask.condition {
            expression(condition, source.columns, .boolean, "\(field).when", placed, policy)
        }
        for column in masked {
            guard let fault = mask.method.fault(on: column, of: source.columns) else { continue }
            problems.report(
                at: origin(placed, policy, .field("\(field).mask")), object: placed.words, field: "\(field).mask",
                "\(Self.whose(policy))column \(quoted(column.name)): \(fault)")
        }
    }

    private func expression(
        _ sql: String, _ columns: [TableColumn]?, _ sort: ColumnType.Sort?, _ field: String, _ placed: PlacedItem,
        _ policy: GlobalPolicy? = nil
    ) {
        do throws(ExpressionFault) {
            _ = try PolicyExpression(reading: sql, columns: columns, giving: sort)
        } catch {
            problems.report(
                at: origin(placed, policy, .field(field)), object: placed.words, field: field,
                "\(Self.whose(policy))\(error)")
        }
    }

    private static func whose(_ policy: GlobalPolicy?) -> String {
        policy.map { "\(ObjectKind.globalPolicy.named($0.name)): " } ?? ""
    }
}

extension Mask {
    /// Whether the mask is for a column.
    package func covers(_ column: TableColumn, _ closure: TagClosure) -> Bool {
        columns.contains { $0.lowercased() == column.name.lowercased() }
            || !tagged.isDisjoint(with: closure(column.tags))
    }
}

extension MaskMethod {
    /// - Returns: What keeps the mask from being used on a column; `nil` when nothing does.
    func fault(on column: TableColumn, of columns: [TableColumn]) -> String? {
        let type = column.type
        switch self {
        case .null: return nil
        case .constant(let value):
            return type.holds(value)
                ? nil : "\(quoted(value)) is no \(quoted(type.description)); write another constant"
        case .hash:
            return type == .string ? nil : "a hash is a text, and the column is \(quoted(type.description))"
        case .roundNumber(let step):
            guard type.sort == .number else {
                return "it is \(quoted(type.description)), and numbers only are rounded to \(step)"
            }
            return type.holds(step) ? nil : "\(quoted(step)) is no \(quoted(type.description)); write another step"
        case .roundDate(let unit):
            switch (type, unit) {
            case (.timestamp, _), (.date, .year), (.date, .month), (.date, .week): return nil
            default: return "\(quoted(type.description)) cannot be rounded to the \(unit.rawValue)"
            }
        case .regex:
            return type == .string ? nil : "a pattern is for texts, and the column is \(quoted(type.description))"
        case .expression(let sql):
            do throws(ExpressionFault) {
                _ = try PolicyExpression(reading: sql, columns: columns, giving: type.sort)
                return nil
            } catch {
                return error.description
            }
        }
    }
}

extension ColumnType {
    /// Whether a text is a value of the type.
    func holds(_ text: String) -> Bool {
        switch self {
        case .boolean: ["true", "false"].contains(text)
        case .tinyint: Int8(text) != nil
        case .smallint: Int16(text) != nil
        case .int: Int32(text) != nil
        case .bigint: Int64(text) != nil
        case .float, .double: Double(text)?.isFinite == true && !text.lowercased().contains("0x")
        case .decimal(let precision, let scale): Self.isDecimal(text, precision, scale)
        case .string: true
        case .date: Instant("\(text)T00:00:00Z") != nil
        case .timestamp: text.contains(" ") && Instant("\(text.replacing(" ", with: "T"))Z") != nil
        }
    }

    private static func isDecimal(_ text: String, _ precision: Int, _ scale: Int) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({
                !$0.isEmpty && $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            })
        else { return false }
        return parts[0].count <= precision - scale && (parts.count == 1 || parts[1].count <= scale)
    }
}
