/// A principal as Hadoop's `KerberosName` (3.3.6) sees it: one or two components, none of them empty, and perhaps a
/// realm.
struct HadoopName: Sendable {
    /// The one or two components: the service or user, and the host.
    let components: [String]

    /// The realm, `nil` if the name has none.
    let realm: String?

    /// Takes the principal over, or returns `nil` if Hadoop would not see these components and this realm in it.
    ///
    /// Hadoop knows no escapes: to it every `/` and every `@` separates.
    init?(_ principal: Principal) {
        let parts = principal.components + (principal.realm.map { [$0] } ?? [])
        guard principal.components.count <= 2, parts.allSatisfy({ !$0.isEmpty && Self.isSimple($0) }) else {
            return nil
        }
        components = principal.components
        realm = principal.realm
    }

    /// Whether a name has neither `/` nor `@` in it.
    static func isSimple(_ name: String) -> Bool {
        !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "@") }
    }

    /// The name put together again, without escapes.
    var text: String {
        components.joined(separator: "/") + (realm.map { "@\($0)" } ?? "")
    }

    /// What `$0`, `$1` and `$2` of a rule's format stand for.
    var parameters: [String] {
        // Java writes the realm of `host/nn1`, which has none, as "null", and Hadoop lets it.
        [realm ?? "null"] + components
    }
}
