import Identity
import ReferenceModel

@testable import Server

extension Naming {
    /// The same settings for the product: `auth_to_local` rules and all.
    var identity: ClusterIdentity {
        let rules = endings.sorted { $0.key < $1.key }.flatMap { realm, ending in
            let pattern = realm.description.replacing(".", with: "\\.")
            return [1, 2].map { "RULE:[\($0):$1@$0](.*@\(pattern))s/@.*/\(ending)/" }
        }
        return ClusterIdentity(
            rules: try! AuthToLocal(rules: rules.joined(separator: " "), defaultRealm: defaultRealm.description),
            principalCase: ignoresCase ? .insensitive : .sensitive, defaultRealm: defaultRealm.description)
    }
}
