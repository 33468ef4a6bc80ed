/// Which global policies apply to a data source.
package struct GlobalPolicies: Sendable {
    /// In ascending order of names, byte by byte.
    package let policies: [GlobalPolicy]
    package let closure: TagClosure

    package init(_ policies: some Sequence<GlobalPolicy>, tags: some Sequence<TagDefinition>) {
        self.policies = policies.sorted { ExactText($0.name) < ExactText($1.name) }
        closure = TagClosure(tags)
    }

    /// The places in ``policies`` of those that name a tag of the data source, exceptions or not, in their order.
    package func touching(tags: Set<String>) -> [Int] {
        guard !tags.isEmpty, !policies.isEmpty else { return [] }
        let all = closure(tags)
        return policies.indices.filter { !policies[$0].tags.isDisjoint(with: all) }
    }
}
