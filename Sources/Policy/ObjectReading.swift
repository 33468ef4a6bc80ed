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

    func purpose(_ node: Node) -> Located<Purpose>? {
        guard let fields = fields(of: node, known: ["name", "about"]) else { return nil }
        let about = fields.optional("about") { $0.prose($1) }
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }
        return Located(value: Purpose(name: name, about: about), location: location(of: node))
    }

    func tagDefinition(_ node: Node) -> Located<TagDefinition>? {
        guard let fields = fields(of: node, known: ["name", "about", "implies", "components"]) else { return nil }
        let about = fields.optional("about") { $0.prose($1) }
        let implies = fields.optional("implies") { $0.list($1) { $0.name($1) } } ?? []
        let components = fields.optional("components") { $0.list($1) { $0.pathComponent($1) } } ?? []
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }
        let tag = TagDefinition(
            name: name, about: about, implies: Set(implies.map(\.value)), components: Set(components.map(\.value)))
        return Located(value: tag, location: location(of: node), mentions: mentions(.tag, implies))
    }

    private func pathComponent(_ node: Node) -> String? {
        text(node) { text in
            if let fault = Names.fault(inName: text) { return fault }
            guard !text.contains("/"), ![".", "..", ".snapshot"].contains(text) else {
                return "\(quoted(text)) is never a component of a canonical path; write one, without `/`"
            }
            return nil
        }
    }

    func user(_ node: Node) -> Located<User>? {
        let known = ["name", "principal", "groups", "attributes", "enabled", "suspended-until"]
        guard let fields = fields(of: node, known: known) else { return nil }
        let principal = fields.optional("principal") { $0.line($1) }
        let groups = fields.optional("groups") { $0.list($1) { $0.name($1) } } ?? []
        let attributes = fields.optional("attributes") { $0.attributes($1) } ?? []
        let enabled = fields.optional("enabled") { $0.flag($1) } ?? true
        let suspended = fields.optional("suspended-until") { $0.instant($1) }
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }

        let user = User(
            name: name, principal: principal, groups: Set(groups.map(\.value)),
            attributes: Dictionary(attributes.map { ($0.name, $0.values) }) { first, _ in first }, enabled: enabled,
            suspendedUntil: suspended)
        let mentions =
            groups.map { (Mention.object(.group, $0.value), $0.location) }
            + attributes.map { (Mention.object(.attribute, $0.name), $0.location) }
            + fields.principalMentions
        return Located(value: user, location: location(of: node), mentions: mentions)
    }

    typealias AttributeEntry = (name: String, values: Set<String>, location: SourceLocation)

    func attributes(_ node: Node) -> [AttributeEntry]? {
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
            "purposes", "exceptions", "file-rules", "columns", "format", "row-filters", "masks",
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
        let purposes = fields.optional("purposes") { $0.list($1) { $0.name($1) } } ?? []
        let exceptions = fields.optional("exceptions") { $0.exceptions($1) } ?? []
        let rules = fields.optional("file-rules") { $0.parts($1) { $0.fileRule($1) } } ?? []
        let columns = fields.optional("columns") { $0.columns($1) } ?? []
        let format = fields.optional("format") { $0.tableFormat($1) }
        let filters = fields.optional("row-filters") { $0.parts($1) { $0.rowFilter($1) } } ?? []
        let masks = fields.optional("masks") { $0.parts($1) { $0.mask($1) } } ?? []
        guard let name, let kind, let directories, let subscription else { return nil }
        let wrong = kind == .files ? ["columns", "format", "row-filters", "masks"] : ["file-rules"]
        for field in wrong {
            guard let node = fields.nodes[field] else { continue }
            report(
                node, "\(quoted(field)) is for data sources of kind `\(kind == .files ? "table" : "files")`; remove it")
        }

        let dataSource = DataSource(
            name: name, kind: kind, directories: directories.map(\.value.text), credential: credential?.value,
            tags: Set(tags.map(\.value)), contact: contact, sharesDirectories: shares,
            subscription: subscription.value, purposes: Set(purposes.map(\.value)), exceptions: exceptions.map(\.value),
            fileRules: rules.map(\.value), columns: columns.map(\.value), format: format,
            rowFilters: filters.map(\.value), masks: masks.map(\.value))
        let parts = rules.flatMap(\.mentions) + filters.flatMap(\.mentions) + masks.flatMap(\.mentions)
        let named =
            mentions(.tag, tags) + mentions(.purpose, purposes) + exceptions.flatMap(\.mentions)
            + columns.flatMap(\.mentions) + parts
        let mentions =
            directories.map { (Mention.directory($0.value.text), $0.location) }
            + (credential?.mentions ?? []) + subscription.mentions + named
        return Located(value: dataSource, location: location(of: node), mentions: mentions)
    }

    private func exceptions(_ node: Node) -> [Located<DataSource.Exception>]? {
        guard let items = sequence(node) else { return nil }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let fields = fields(of: item, known: ["policy", "because"]) else { return nil }
            let because = fields.required("because") { $0.prose($1) }
            guard let policy = fields.required("policy", { $0.name($1) }), let because else { return nil }
            guard seen.insert(policy).inserted else {
                report(item, "\(quoted(policy)) is listed twice; keep one")
                return nil
            }
            return Located(
                value: DataSource.Exception(policy: policy, because: because), location: location(of: item),
                mentions: [(.object(.globalPolicy, policy), location(of: item))])
        }
    }

    func project(_ node: Node) -> Located<Project>? {
        let known = ["name", "about", "data-sources", "members", "purposes", "joins-on-hash"]
        guard let fields = fields(of: node, known: known) else { return nil }
        let about = fields.optional("about") { $0.prose($1) }
        let sources = fields.optional("data-sources") { $0.list($1) { $0.name($1) } } ?? []
        let members = fields.optional("members") { $0.roster($1) }
        let purposes = fields.optional("purposes") { $0.list($1) { $0.name($1) } } ?? []
        let joins = fields.optional("joins-on-hash") { $0.flag($1) } ?? false
        guard let name = fields.required("name", { $0.name($1) }) else { return nil }
        let project = Project(
            name: name, about: about, dataSources: Set(sources.map(\.value)), members: members?.value ?? Roster(),
            purposes: Set(purposes.map(\.value)), joinsOnHash: joins)
        let mentions =
            mentions(.dataSource, sources) + mentions(.purpose, purposes) + (members?.mentions ?? [])
        return Located(value: project, location: location(of: node), mentions: mentions)
    }

    func globalPolicy(_ node: Node) -> Located<GlobalPolicy>? {
        let known = [
            "name", "about", "tags", "allows-exceptions", "subscription", "purposes", "file-rules", "row-filters",
            "masks",
        ]
        guard let fields = fields(of: node, known: known) else { return nil }
        let about = fields.optional("about") { $0.prose($1) }
        let tags = fields.required("tags") { $0.someNames($1) }
        let allows = fields.optional("allows-exceptions") { $0.flag($1) } ?? false
        let subscription = fields.optional("subscription") { $0.subscription($1) }
        let purposes = fields.optional("purposes") { $0.list($1) { $0.name($1) } } ?? []
        let rules = fields.optional("file-rules") { $0.parts($1) { $0.fileRule($1) } } ?? []
        let filters = fields.optional("row-filters") { $0.parts($1) { $0.rowFilter($1) } } ?? []
        let masks = fields.optional("masks") { $0.parts($1) { $0.mask($1) } } ?? []
        guard let name = fields.required("name", { $0.name($1) }), let tags else { return nil }
        if case .anyone = subscription?.value, let node = fields.nodes["subscription"] {
            report(node, "`anyone` asks for nothing; remove it, or write whom the data is for")
        }
        let policy = GlobalPolicy(
            name: name, about: about, tags: Set(tags.map(\.value)), allowsExceptions: allows,
            subscription: subscription?.value, purposes: Set(purposes.map(\.value)), fileRules: rules.map(\.value),
            rowFilters: filters.map(\.value), masks: masks.map(\.value))
        let parts = rules.flatMap(\.mentions) + filters.flatMap(\.mentions) + masks.flatMap(\.mentions)
        let mentions =
            mentions(.tag, tags) + mentions(.purpose, purposes) + (subscription?.mentions ?? []) + parts
        return Located(value: policy, location: location(of: node), mentions: mentions)
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
