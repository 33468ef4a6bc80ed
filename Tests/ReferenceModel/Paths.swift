/// The components of the canonical path (rule 1); `nil` if there is none.
package func canonicalComponents(of path: Text) -> [Text]? {
    guard path.string != nil, !path.bytes.contains(0) else { return nil }
    guard path.bytes.first == UInt8(ascii: "/") else { return nil }
    // Doubled slashes and a slash at the end are dropped.
    var components = path.parts(between: "/").filter { !$0.bytes.isEmpty }
    guard !components.contains("."), !components.contains("..") else { return nil }
    // `/.reserved/raw` at the beginning is dropped.
    if components.starts(with: [".reserved", "raw"]) { components.removeFirst(2) }
    // `.snapshot/<name>` is dropped, wherever it stands; so is a `.snapshot` at the end, which is its directory's.
    while let place = components.firstIndex(of: ".snapshot") {
        components.removeSubrange(place..<min(place + 2, components.count))
    }
    // Other names below `/.reserved`, and `/.reserved` itself, are no paths.
    return components.first == ".reserved" ? nil : components
}

/// The canonical path as text.
package func pathText(_ components: [Text]) -> Text {
    components.isEmpty ? "/" : Text(components.flatMap { [UInt8(ascii: "/")] + $0.bytes })
}

extension World {
    func noteSpelling(of path: Text) {
        let components = path.parts(between: "/")
        if components.contains(".snapshot") { note(.snapshotDropped) }
        if components.dropFirst().starts(with: [".reserved", "raw"]) { note(.rawDropped) }
        if components.dropFirst().contains("") { note(.slashesDropped) }
    }

    /// The data sources that cover a path (rule 2), by their names: those with the deepest directory that is the path
    /// or is above it.
    package func covering(_ path: [Text]) -> [DataSource] {
        for depth in path.indices.reversed() + [-1] {
            let above = pathText(Array(path[...depth]))
            let here = policies.dataSources.filter { $0.directories.contains(above) }
            if here.isEmpty { continue }
            if isCovered(above: Array(path[...depth])) { note(.deeperCoverWins) }
            return here.sorted { $0.name < $1.name }
        }
        return []
    }

    private func isCovered(above path: [Text]) -> Bool {
        path.indices.contains { depth in
            let above = pathText(Array(path[..<depth]))
            return policies.dataSources.contains { $0.directories.contains(above) }
        }
    }
}
