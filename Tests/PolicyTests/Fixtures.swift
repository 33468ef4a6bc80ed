import Policy
import StrictYAML

/// A file of the given YAML.
func file(_ yaml: String, name: String = "policy.yaml") -> SourceFile {
    SourceFile(name: name, bytes: Array(yaml.utf8))
}

/// What reading the YAML complains of, a line for each problem; empty when it complains of nothing.
func complaints(reading yaml: String) -> [String] {
    complaints { () throws(DocumentErrors) in _ = try PolicyDocument(reading: [file(yaml)]) }
}

func complaints(of body: () throws(DocumentErrors) -> Void) -> [String] {
    do {
        try body()
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// What applying the files complains of.
func complaints(
    applying files: [SourceFile], to stored: PolicySet = PolicySet(), prune: Bool = false
) -> [String] {
    complaints { () throws(DocumentErrors) in _ = try apply(files, to: stored, prune: prune) }
}

func apply(
    _ files: [SourceFile], to stored: PolicySet = PolicySet(), prune: Bool = false
) throws(DocumentErrors) -> PolicySet {
    try PolicyDocument(reading: files).applied(to: stored, prune: prune, identify: identify)
}

func apply(_ yaml: String, to stored: PolicySet = PolicySet(), prune: Bool = false) throws -> PolicySet {
    try apply([file(yaml)], to: stored, prune: prune)
}

/// Stands for Kerberos: without a realm it is `EXAMPLE.COM`, the short name is the first component.
func identify(_ principal: String) throws -> ClaimedIdentity {
    if principal.hasPrefix("@") { throw UnparsablePrincipal() }
    let key = principal.contains("@") ? principal : "\(principal)@EXAMPLE.COM"
    let shortName = key.prefix { $0 != "@" && $0 != "/" }
    return ClaimedIdentity(principalKey: key, shortName: String(shortName))
}

struct UnparsablePrincipal: Error, CustomStringConvertible {
    var description: String { "it has no name before the realm" }
}

/// A data source of the given directories that anyone is subscribed to.
func dataSource(_ name: String, _ directories: [String], shares: Bool = false) -> DataSource {
    DataSource(
        name: name, kind: .files, directories: directories, sharesDirectories: shares, subscription: .anyone)
}
