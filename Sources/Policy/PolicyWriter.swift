import StrictYAML
import Yams

extension PolicyDocument {
    /// Writes policies as YAML: objects and lists in ascending order, defaults left out, every text that a YAML reader
    /// could take for something else in quotes. Applying it to the same policies changes nothing.
    ///
    /// - Throws: `YamlError` when memory runs out.
    package static func write(_ policies: PolicySet) throws -> String {
        try PolicyWriter(maximumBytes: .max).files(policies).joined()
    }

    /// Writes policies as files, none larger than can be read again.
    ///
    /// - Parameter maximumBytes: What a file may have at most. A single object larger than that has a file to itself,
    ///   which is larger.
    /// - Returns: The files, named `policies-0001.yaml` and so on in their order; none when there are no policies.
    /// - Throws: `YamlError` when memory runs out.
    package static func writeFiles(
        _ policies: PolicySet, maximumBytes: Int = SourceFiles.maximumBytes
    ) throws -> [SourceFile] {
        try PolicyWriter(maximumBytes: maximumBytes).files(policies).enumerated().map { index, text in
            let number = String(index + 1)
            let padding = String(repeating: "0", count: max(0, 4 - number.count))
            return SourceFile(name: "policies-\(padding)\(number).yaml", bytes: Array(text.utf8))
        }
    }
}

/// Puts objects one after the other into as few files as hold them.
private struct PolicyWriter {
    let maximumBytes: Int
    private var files: [String] = []
    private var file = ""
    /// The key of the list that `file` ends with.
    private var openList: String?

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    func files(_ policies: PolicySet) throws -> [String] {
        var writer = self
        try writer.write("groups", policies.groups.sorted { $0.name < $1.name }, node)
        try writer.write("attributes", policies.attributes.sorted { $0.name < $1.name }, node)
        try writer.write("purposes", policies.purposes.sorted { $0.name < $1.name }, node)
        try writer.write("tags", policies.tags.sorted { $0.name < $1.name }, node)
        try writer.write("users", policies.users.sorted { $0.name < $1.name }, node)
        try writer.write("ignored-users", policies.ignoredUsers.map(ExactText.init).sorted()) { text($0.text) }
        try writer.write("data-sources", policies.dataSources.sorted { $0.name < $1.name }, node)
        try writer.write("projects", policies.projects.sorted { $0.name < $1.name }, node)
        try writer.write("global-policies", policies.globalPolicies.sorted { $0.name < $1.name }, node)
        return writer.file.isEmpty ? writer.files : writer.files + [writer.file]
    }

    private mutating func write<Object>(_ list: String, _ objects: [Object], _ node: (Object) -> Node) throws {
        for object in objects {
            // A list of one item is the item as it stands in any list; a negative width never breaks a line.
            let item = try Yams.serialize(
                node: Node([node(object)], Yams.Tag(.seq), .block), width: -1, allowUnicode: true)
            let head = openList == list ? "" : "\(list):\n"
            if !file.isEmpty, file.utf8.count + head.utf8.count + item.utf8.count > maximumBytes {
                files.append(file)
                file = "\(list):\n\(item)"
            } else {
                file += head + item
            }
            openList = list
        }
    }
}

// MARK: - Objects as nodes

private func node(_ group: Group) -> Node {
    mapping([("name", text(group.name)), ("about", group.about.map(text))])
}

private func node(_ attribute: AttributeDefinition) -> Node {
    mapping([("name", text(attribute.name)), ("about", attribute.about.map(text))])
}

private func node(_ user: User) -> Node {
    mapping([
        ("name", text(user.name)),
        ("principal", user.principal.map(text)),
        ("groups", texts(user.groups)),
        ("attributes", attributes(user.attributes)),
        ("enabled", user.enabled ? nil : flag(false)),
        ("suspended-until", user.suspendedUntil.map(instant)),
    ])
}

private func node(_ purpose: Purpose) -> Node {
    mapping([("name", text(purpose.name)), ("about", purpose.about.map(text))])
}

private func node(_ tag: TagDefinition) -> Node {
    mapping([
        ("name", text(tag.name)), ("about", tag.about.map(text)), ("implies", texts(tag.implies)),
        ("components", texts(tag.components)),
    ])
}

private func node(_ project: Project) -> Node {
    mapping([
        ("name", text(project.name)), ("about", project.about.map(text)),
        ("data-sources", texts(project.dataSources)),
        ("members", project.members.isEmpty ? nil : node(project.members)),
        ("purposes", texts(project.purposes)), ("joins-on-hash", project.joinsOnHash ? flag(true) : nil),
    ])
}

private func node(_ policy: GlobalPolicy) -> Node {
    mapping([
        ("name", text(policy.name)), ("about", policy.about.map(text)), ("tags", texts(policy.tags)),
        ("allows-exceptions", policy.allowsExceptions ? flag(true) : nil),
        ("subscription", policy.subscription.map(node)), ("purposes", texts(policy.purposes)),
        ("file-rules", list(policy.fileRules.map(node))), ("row-filters", list(policy.rowFilters.map(node))),
        ("masks", list(policy.masks.map(node))),
    ])
}

private func attributes(_ attributes: [String: Set<String>]) -> Node? {
    let pairs = attributes.sorted { $0.key < $1.key }.compactMap { name, values in
        texts(values).map { (text(name), $0) }
    }
    return pairs.isEmpty ? nil : Node(pairs, Yams.Tag(.map), .block)
}

private func node(_ dataSource: DataSource) -> Node {
    mapping([
        ("name", text(dataSource.name)),
        ("kind", text(dataSource.kind.rawValue)),
        ("directories", texts(dataSource.directories)),
        ("credential", dataSource.credential.map(node)),
        ("tags", texts(dataSource.tags)),
        ("contact", dataSource.contact.map(text)),
        ("shares-directories", dataSource.sharesDirectories ? flag(true) : nil),
        ("subscription", node(dataSource.subscription)),
        ("purposes", texts(dataSource.purposes)),
        (
            "exceptions",
            list(dataSource.exceptions.map { mapping([("policy", text($0.policy)), ("because", text($0.because))]) })
        ),
        ("file-rules", list(dataSource.fileRules.map(node))),
        ("columns", list(dataSource.columns.map(node))),
        ("format", dataSource.format.map(node)),
        ("row-filters", list(dataSource.rowFilters.map(node))),
        ("masks", list(dataSource.masks.map(node))),
    ])
}

private func node(_ format: TableFormat) -> Node {
    switch format {
    case .parquet, .orc, .csv(header: false, separator: ","), .text(separator: TableFormat.hiveSeparator):
        text(format.name)
    case .csv(let header, let separator):
        mapping([
            (
                "csv",
                mapping([
                    ("header", header ? flag(true) : nil), ("separator", separator == "," ? nil : text(separator)),
                ])
            )
        ])
    case .text(let separator): mapping([("text", mapping([("separator", text(separator))]))])
    }
}

private func node(_ credential: DataSource.Credential) -> Node {
    mapping([("principal", text(credential.principal)), ("keytab", credential.keytab.map(text))])
}

private func node(_ subscription: Subscription) -> Node {
    switch subscription {
    case .anyone: text("anyone")
    case .approval(let terms):
        mapping([
            (
                "approval",
                mapping([
                    ("approvers", mapping([("users", texts(terms.users)), ("groups", texts(terms.groups))])),
                    ("at-most", terms.atMost.map { text($0.description) }),
                ])
            )
        ])
    case .condition(let condition): mapping([("condition", node(condition))])
    case .individuals(let roster): node(roster)
    }
}

private func node(_ roster: Roster) -> Node {
    // Nobody at all is still a list.
    mapping([("users", entries(roster.users) ?? emptyList), ("groups", entries(roster.groups))])
}

private func entries(_ entries: [String: Instant]) -> Node? {
    list(
        entries.sorted { ExactText($0.key) < ExactText($1.key) }.map { name, until in
            until == .never ? text(name) : mapping([("name", text(name)), ("until", instant(until))])
        })
}

private func node(_ condition: Condition) -> Node {
    switch condition {
    case .all(let conditions): mapping([("all", Node(conditions.map(node), Yams.Tag(.seq), .block))])
    case .any(let conditions): mapping([("any", Node(conditions.map(node), Yams.Tag(.seq), .block))])
    case .not(let condition): mapping([("not", node(condition))])
    case .group(let name): mapping([("group", text(name))])
    case .attribute(let name, let value):
        mapping([("attribute", Node([(text(name), text(value))], Yams.Tag(.map), .block))])
    }
}

private func node(_ exemption: Exemption) -> Node {
    mapping([
        ("users", texts(exemption.users)), ("groups", texts(exemption.groups)),
        ("attributes", attributes(exemption.attributes)), ("purposes", texts(exemption.purposes)),
    ])
}

private func node(_ rule: FileRule) -> Node {
    mapping([
        ("name", text(rule.name)), ("date", rule.date.map { text($0.word) }),
        ("younger-than", rule.youngerThan.map { text($0.description) }),
        ("older-than", rule.olderThan.map { text($0.description) }), ("with-tags", texts(rule.withTags)),
        ("without-tags", texts(rule.withoutTags)), ("except", rule.except.map(node)),
    ])
}

private func node(_ column: TableColumn) -> Node {
    mapping([("name", text(column.name)), ("type", text(column.type.description)), ("tags", texts(column.tags))])
}

private func node(_ filter: RowFilter) -> Node {
    mapping([("name", text(filter.name)), ("where", text(filter.condition)), ("except", filter.except.map(node))])
}

private func node(_ mask: Mask) -> Node {
    mapping([
        ("name", text(mask.name)), ("columns", texts(mask.columns)), ("tagged", texts(mask.tagged)),
        ("mask", node(mask.method)), ("when", mask.condition.map(text)), ("except", mask.except.map(node)),
    ])
}

private func node(_ method: MaskMethod) -> Node {
    switch method {
    case .null: text("null")
    case .hash: text("hash")
    case .constant(let value): mapping([("constant", text(value))])
    case .roundNumber(let step): mapping([("round", text(step))])
    case .roundDate(let unit): mapping([("round", text(unit.rawValue))])
    case .regex(let pattern, let replacement):
        mapping([("regex", text(pattern)), ("replacement", text(replacement))])
    case .expression(let sql): mapping([("expression", text(sql))])
    }
}

// MARK: - Nodes

private func instant(_ instant: Instant) -> Node {
    text(instant.description)
}

/// A mapping of the fields that have a value.
private func mapping(_ fields: [(String, Node?)]) -> Node {
    Node(fields.compactMap { field, value in value.map { (text(field), $0) } }, Yams.Tag(.map), .block)
}

private var emptyList: Node {
    .sequence(Node.Sequence([], Yams.Tag(.seq), .flow))
}

private func list(_ nodes: [Node]) -> Node? {
    nodes.isEmpty ? nil : Node(nodes, Yams.Tag(.seq), .block)
}

private func texts(_ texts: some Collection<String>) -> Node? {
    list(texts.map(ExactText.init).sorted().map { text($0.text) })
}

private func text(_ text: String) -> Node {
    Node(text, Yams.Tag(.str), isPlain(text) ? .plain : .doubleQuoted)
}

private func flag(_ flag: Bool) -> Node {
    Node("\(flag)", Yams.Tag(.bool), .plain)
}

/// Whether no YAML reader, of whatever version, takes the text for anything but itself.
private func isPlain(_ text: String) -> Bool {
    let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    guard let first = text.unicodeScalars.first, first == "/" || first == "_" || isLetter(first) else { return false }
    return !words.contains(text.lowercased()) && text.unicodeScalars.allSatisfy(isPlain)
}

private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    isLetter(scalar) || ("0"..."9").contains(scalar) || "/_-.@".unicodeScalars.contains(scalar)
}

private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
}
