import StrictYAML
import Wording
import Yams

/// How file rules, row filters and masks are read.
extension ReadingContext {
    func instant(_ node: Node) -> Instant? {
        text(node, unless: Instant.fault(in:)).flatMap { Instant($0) }
    }

    func span(_ node: Node) -> TimeSpan? {
        text(node, unless: TimeSpan.fault(in:)).flatMap { TimeSpan($0) }
    }

    /// A list of names that has one at least.
    func someNames(_ node: Node) -> [(value: String, location: SourceLocation)]? {
        guard let names = list(node, of: { $0.name($1) }) else { return nil }
        guard node.sequence?.isEmpty == false else {
            report(node, "the list is empty; name at least one")
            return nil
        }
        return names
    }

    func mentions(
        _ kind: ObjectKind, _ names: [(value: String, location: SourceLocation)]
    ) -> [(Mention, SourceLocation)] {
        names.map { (.object(kind, $0.value), $0.location) }
    }

    /// A list of named parts of an object, each name once.
    func parts<Part: NamedPart>(
        _ node: Node, of part: (ReadingContext, Node) -> Located<Part>?
    ) -> [Located<Part>]? {
        guard let items = sequence(node) else { return nil }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let read = part(self, item) else { return nil }
            guard seen.insert(read.value.name).inserted else {
                report(item, "\(quoted(read.value.name)) is the name of two; give each its own")
                return nil
            }
            return read
        }
    }

    func fileRule(_ node: Node) -> Located<FileRule>? {
        let known = ["name", "date", "younger-than", "older-than", "with-tags", "without-tags", "except"]
        guard let fields = fields(of: node, known: known) else { return nil }
        let date = fields.optional("date") { $0.date($1) }
        let younger = fields.optional("younger-than") { $0.span($1) }
        let older = fields.optional("older-than") { $0.span($1) }
        let with = fields.optional("with-tags") { $0.someNames($1) } ?? []
        let without = fields.optional("without-tags") { $0.someNames($1) } ?? []
        let except = fields.optional("except") { $0.exemption($1) }
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }
        let asksForAge = fields.nodes["younger-than"] != nil || fields.nodes["older-than"] != nil
        if asksForAge, fields.nodes["date"] == nil {
            report(node, "the field `date` is missing; say where the age of a file comes from")
            return nil
        }
        if !asksForAge, let date = fields.nodes["date"] {
            report(date, "`date` has no use without `younger-than` or `older-than`; add one or remove it")
            return nil
        }
        guard asksForAge || fields.nodes["with-tags"] != nil || fields.nodes["without-tags"] != nil else {
            report(node, "the rule asks for nothing; add `younger-than`, `older-than`, `with-tags` or `without-tags`")
            return nil
        }
        let rule = FileRule(
            name: name, date: date, youngerThan: younger, olderThan: older, withTags: Set(with.map(\.value)),
            withoutTags: Set(without.map(\.value)), except: except?.value)
        return Located(
            value: rule, location: location(of: node),
            mentions: mentions(.tag, with) + mentions(.tag, without) + (except?.mentions ?? []))
    }

    private func date(_ node: Node) -> FileRule.Date? {
        let word = text(node) { text in
            if let fault = Names.fault(inName: text) { return fault }
            guard text.contains("/") || text.contains("=") else { return nil }
            return "\(quoted(text)) has `/` or `=`; write the word before `=` only, such as `dt`"
        }
        return word.map { $0 == "modification-time" ? .modificationTime : .component($0) }
    }

    private func exemption(_ node: Node) -> Located<Exemption>? {
        guard let fields = fields(of: node, known: ["users", "groups", "attributes", "purposes"]) else { return nil }
        let users = fields.optional("users") { $0.list($1) { $0.name($1) } } ?? []
        let groups = fields.optional("groups") { $0.list($1) { $0.name($1) } } ?? []
        let attributes = fields.optional("attributes") { $0.attributes($1) } ?? []
        let purposes = fields.optional("purposes") { $0.list($1) { $0.name($1) } } ?? []
        let exemption = Exemption(
            users: Set(users.map(\.value)), groups: Set(groups.map(\.value)),
            attributes: Dictionary(attributes.map { ($0.name, $0.values) }) { first, _ in first },
            purposes: Set(purposes.map(\.value)))
        guard exemption != Exemption() else {
            report(node, "nobody is excepted; name users, groups, attributes or purposes, or remove it")
            return nil
        }
        let mentions =
            mentions(.user, users) + mentions(.group, groups) + mentions(.purpose, purposes)
            + attributes.map { (Mention.object(.attribute, $0.name), $0.location) }
        return Located(value: exemption, location: location(of: node), mentions: mentions)
    }

    func columns(_ node: Node) -> [Located<TableColumn>]? {
        guard let items = sequence(node) else { return nil }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let fields = fields(of: item, known: ["name", "type", "tags"]) else { return nil }
            let type = fields.required("type") { $0.columnType($1) }
            let tags = fields.optional("tags") { $0.list($1) { $0.name($1) } } ?? []
            guard let name = fields.required("name", { $0.name($1) }), let type else { return nil }
            guard seen.insert(name.lowercased()).inserted else {
                report(item, "\(quoted(name)) is the name of two columns, but for upper and lower case; keep one")
                return nil
            }
            return Located(
                value: TableColumn(name: name, type: type, tags: Set(tags.map(\.value))), location: location(of: item),
                mentions: mentions(.tag, tags))
        }
    }

    private func columnType(_ node: Node) -> ColumnType? {
        guard let word = text(node) else { return nil }
        guard let type = ColumnType(word) else {
            report(node, unknown("type", word, among: ColumnType.words))
            return nil
        }
        return type
    }

    func rowFilter(_ node: Node) -> Located<RowFilter>? {
        guard let fields = fields(of: node, known: ["name", "where", "except"]) else { return nil }
        let condition = fields.required("where") { $0.expressionText($1) }
        let except = fields.optional("except") { $0.exemption($1) }
        guard let name = fields.required("name", { $0.name($1) }), let condition else { return nil }
        let mentions =
            fields.places(["where": "row-filters.\(name).where"]) + fields.attributes(in: condition, of: "where")
            + (except?.mentions ?? [])
        return Located(
            value: RowFilter(name: name, condition: condition, except: except?.value), location: location(of: node),
            mentions: mentions)
    }

    func mask(_ node: Node) -> Located<Mask>? {
        let known = ["name", "columns", "tagged", "mask", "when", "except"]
        guard let fields = fields(of: node, known: known) else { return nil }
        let columns = fields.optional("columns") { $0.someNames($1) } ?? []
        let tagged = fields.optional("tagged") { $0.someNames($1) } ?? []
        let method = fields.required("mask") { $0.maskMethod($1) }
        let condition = fields.optional("when") { $0.expressionText($1) }
        let except = fields.optional("except") { $0.exemption($1) }
        guard let name = fields.required("name", { $0.name($1) }), let method else { return nil }
        guard fields.nodes["columns"] != nil || fields.nodes["tagged"] != nil else {
            report(node, "the mask is for no column; add `columns` or `tagged`")
            return nil
        }
        let mask = Mask(
            name: name, columns: Set(columns.map(\.value)), tagged: Set(tagged.map(\.value)), method: method,
            condition: condition, except: except?.value)
        let field = "masks.\(name)"
        let places = fields.places(["columns": field, "mask": "\(field).mask", "when": "\(field).when"])
        let attributes =
            (condition.map { fields.attributes(in: $0, of: "when") } ?? [])
            + (method.sql.map { fields.attributes(in: $0, of: "mask") } ?? [])
        return Located(
            value: mask, location: location(of: node),
            mentions: places + attributes + mentions(.tag, tagged) + (except?.mentions ?? []))
    }

    private func expressionText(_ node: Node) -> String? {
        text(node) { text in
            let isTooLong = text.utf8.count > PolicyExpression.maximumBytes
            return isTooLong ? "the expression is longer than \(PolicyExpression.maximumBytes) bytes; shorten it" : nil
        }
    }

    private func maskMethod(_ node: Node) -> MaskMethod? {
        if node.scalar != nil { return plainMask(node) }
        guard let fields = fields(of: node, known: ["constant", "round", "regex", "replacement", "expression"]) else {
            return nil
        }
        let methods = fields.nodes.keys.filter { $0 != "replacement" }
        guard methods.count == 1, let method = methods.first else {
            report(node, "expected one of `constant`, `round`, `regex` and `expression`, found \(methods.count)")
            return nil
        }
        if method != "regex", let replacement = fields.nodes["replacement"] {
            report(replacement, "`replacement` belongs to `regex`; remove it")
        }
        switch method {
        case "constant": return fields.optional("constant") { $0.constant($1) }.map(MaskMethod.constant)
        case "round": return fields.optional("round") { $0.rounding($1) }
        case "expression": return fields.optional("expression") { $0.expressionText($1) }.map(MaskMethod.expression)
        default: return regexMask(fields)
        }
    }

    private func plainMask(_ node: Node) -> MaskMethod? {
        guard let word = text(node) else { return nil }
        switch word {
        case "null": return .null
        case "hash": return .hash
        default:
            report(node, unknown("mask", word, among: ["null", "hash", "constant", "round", "regex", "expression"]))
            return nil
        }
    }

    /// Unlike a name, a constant may be empty.
    private func constant(_ node: Node) -> String? {
        text(node) { text in text.isEmpty ? nil : Names.fault(inLine: text) }
    }

    private func rounding(_ node: Node) -> MaskMethod? {
        guard let word = text(node) else { return nil }
        if let unit = MaskMethod.DateUnit(rawValue: word) { return .roundDate(unit) }
        guard let step = Double(word), step > 0, step.isFinite,
            word.utf8.allSatisfy({ "0123456789.".utf8.contains($0) })
        else {
            report(node, "\(quoted(word)) is no number above 0, and none of year, month, week, day, hour and minute")
            return nil
        }
        return .roundNumber(word)
    }

    private func regexMask(_ fields: Fields) -> MaskMethod? {
        let pattern = fields.optional("regex") { $0.text($1, unless: MaskMethod.fault(inPattern:)) }
        guard let pattern else { return nil }
        let replacement = fields.required("replacement") { context, node in
            context.text(node) { text in
                if !text.isEmpty, let fault = Names.fault(inLine: text) { return fault }
                return MaskMethod.fault(inReplacement: text, of: pattern)
            }
        }
        return replacement.map { .regex(pattern: pattern, replacement: $0) }
    }
}

/// A part of an object that has a name within it.
protocol NamedPart: Sendable {
    var name: String { get }
}

extension FileRule: NamedPart {}
extension RowFilter: NamedPart {}
extension Mask: NamedPart {}

extension Fields {
    /// Where fields stand, by the paths that later checks call them.
    fileprivate func places(_ paths: [String: String]) -> [(Mention, SourceLocation)] {
        paths.compactMap { field, path in nodes[field].map { (.field(path), context.location(of: $0)) } }
    }
    /// The attributes that the expression of a field names, each at the field's place.
    fileprivate func attributes(in sql: String, of field: String) -> [(Mention, SourceLocation)] {
        guard let node = nodes[field] else { return [] }
        return PolicyExpression.attributes(in: sql).map { (.object(.attribute, $0), context.location(of: node)) }
    }
}
