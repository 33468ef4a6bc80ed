import StrictYAML
import Wording
import Yams

extension ReadingContext {
    func group(_ node: Node) -> Located<Group>? {
        guard let fields = fields(of: node, known: ["name", "about"]) else { return nil }
        let about = fields.optional("about") { $0.prose($1) }
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }
        return Located(value: Group(name: name, about: about), location: location(of: node))
    }

    func attributeDefinition(_ node: Node) -> Located<AttributeDefinition>? {
        guard let fields = fields(of: node, known: ["name", "about"]) else { return nil }
        let about = fields.optional("about") { $0.prose($1) }
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }
        return Located(value: AttributeDefinition(name: name, about: about), location: location(of: node))
    }

    func user(_ node: Node) -> Located<User>? {
        let known = ["name", "principal", "groups", "attributes", "enabled"]
        guard let fields = fields(of: node, known: known) else { return nil }
        let principal = fields.optional("principal") { $0.line($1) }
        let groups = fields.optional("groups") { $0.list($1) { $0.name($1) } } ?? []
        let attributes = fields.optional("attributes") { $0.attributes($1) } ?? []
        let enabled = fields.optional("enabled") { $0.flag($1) } ?? true
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }

        let user = User(
            name: name, principal: principal, groups: Set(groups.map(\.value)),
            attributes: Dictionary(attributes.map { ($0.name, $0.values) }) { first, _ in first }, enabled: enabled)
        let mentions =
            groups.map { (Mention.object(.group, $0.value), $0.location) }
            + attributes.map { (Mention.object(.attribute, $0.name), $0.location) }
            + fields.principalMentions
        return Located(value: user, location: location(of: node), mentions: mentions)
    }

    private typealias AttributeEntry = (name: String, values: Set<String>, location: SourceLocation)

    private func attributes(_ node: Node) -> [AttributeEntry]? {
        guard let pairs = mapping(node) else { return nil }
        return pairs.compactMap { key, value in
            guard let name = name(key), let values = inside(name).attributeValues(value) else { return nil }
            return (name, values, location(of: key))
        }
    }

    /// One value or a list of them.
    private func attributeValues(_ node: Node) -> Set<String>? {
        guard node.sequence != nil else { return name(node).map { [$0] } }
        guard let values = list(node, of: { $0.name($1) }) else { return nil }
        guard node.sequence?.isEmpty == false else {
            report(node, "the list is empty; name a value or remove the attribute")
            return nil
        }
        return Set(values.map(\.value))
    }

    func dataSource(_ node: Node) -> Located<DataSource>? {
        let known = [
            "name", "kind", "directories", "credential", "tags", "contact", "shares-directories", "subscription",
        ]
        guard let fields = fields(of: node, known: known) else { return nil }
        let name = fields.required("name") { $0.name($1) }
        let kind = fields.required("kind") { $0.dataSourceKind($1) }
        let directories = fields.required("directories") { $0.directories($1) }
        let credential = fields.optional("credential") { $0.credential($1) }
        let tags = fields.optional("tags") { $0.list($1) { $0.name($1) } } ?? []
        let contact = fields.optional("contact") { $0.contact($1) }
        let shares = fields.optional("shares-directories") { $0.flag($1) } ?? false
        let subscription = fields.required("subscription") { $0.subscription($1) }
        guard let name, let kind, let directories, let subscription else { return nil }

        let dataSource = DataSource(
            name: name, kind: kind, directories: directories.map(\.value.text), credential: credential?.value,
            tags: Set(tags.map(\.value)), contact: contact, sharesDirectories: shares,
            subscription: subscription.value)
        let mentions =
            directories.map { (Mention.directory($0.value.text), $0.location) }
            + (credential?.mentions ?? []) + subscription.mentions
        return Located(value: dataSource, location: location(of: node), mentions: mentions)
    }

    private func dataSourceKind(_ node: Node) -> DataSource.Kind? {
        guard let word = text(node) else { return nil }
        guard let kind = DataSource.Kind(rawValue: word) else {
            report(node, unknown("kind", word, among: DataSource.Kind.allCases.map(\.rawValue)))
            return nil
        }
        return kind
    }

    private func directories(_ node: Node) -> [(value: ExactText, location: SourceLocation)]? {
        guard let paths = list(node, of: { $0.directory($1) }) else { return nil }
        guard node.sequence?.isEmpty == false else {
            report(node, "the list is empty; name at least one directory")
            return nil
        }
        return paths
    }

    private func directory(_ node: Node) -> ExactText? {
        text(node, unless: HDFSPath.fault(in:)).map(ExactText.init)
    }

    private func credential(_ node: Node) -> Located<DataSource.Credential>? {
        guard let fields = fields(of: node, known: ["principal", "keytab"]) else { return nil }
        let keytab = fields.optional("keytab") { $0.keytab($1) }
        guard let principal = fields.required("principal", { $0.line($1) }) else { return nil }
        let credential = DataSource.Credential(principal: principal, keytab: keytab)
        return Located(value: credential, location: location(of: node), mentions: fields.principalMentions)
    }

    private func keytab(_ node: Node) -> String? {
        text(node) { path in
            if let fault = Names.fault(inLine: path) { return fault }
            return path.utf8.first == UInt8(ascii: "/") ? nil : "\(quoted(path)) is relative; begin it with `/`"
        }
    }
}

extension Fields {
    fileprivate var principalMentions: [(Mention, SourceLocation)] {
        nodes["principal"].map { [(.principal, context.location(of: $0))] } ?? []
    }
}
