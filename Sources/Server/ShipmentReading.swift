import Shipping
import StrictYAML
import Wording
import Yams

extension ReadingContext {
    /// The section `audit.ship`: a target of each kind at most.
    func shipments(_ node: Node) -> [Shipment]? {
        guard let fields = fields(of: node, known: ["file", "syslog", "webhook"]) else { return nil }
        let targets: [Shipment.Target?] = [
            fields.optional("file") { context, node in
                context.fields(of: node, known: ["path"])?.required("path") { $0.absolutePath($1) }.map { .file($0) }
            },
            fields.optional("syslog") { context, node in
                context.fields(of: node, known: ["address"])?.required("address") { $0.endpoint($1) }
                    .map { .syslog($0) }
            },
            fields.optional("webhook") { $0.webhook($1) },
        ]
        return targets.compactMap { $0.map(Shipment.init) }
    }

    private func endpoint(_ node: Node) -> Shipment.Endpoint? {
        guard let text = text(node) else { return nil }
        guard let endpoint = Shipment.Endpoint(text) else {
            report(node, "\(quoted(text)) is no address; write HOST:PORT, such as 127.0.0.1:601")
            return nil
        }
        return endpoint
    }

    private func webhook(_ node: Node) -> Shipment.Target? {
        guard let fields = fields(of: node, known: ["url", "token-file"]) else { return nil }
        let tokenFile = fields.optional("token-file") { $0.absolutePath($1) }
        return fields.required("url") { $0.httpURL($1) }
            .map { .webhook($0.endpoint, path: $0.path, tokenFile: tokenFile) }
    }

    /// `http://HOST[:PORT][/PATH]`.
    private func httpURL(_ node: Node) -> (endpoint: Shipment.Endpoint, path: String)? {
        guard let text = text(node) else { return nil }
        let scheme = "http://"
        let rest = text.dropFirst(scheme.count)
        let authority = String(rest.prefix { $0 != "/" })
        let path = rest.dropFirst(authority.count)
        let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard text.hasPrefix(scheme), isPlain,
            let endpoint = Shipment.Endpoint(authority) ?? Shipment.Endpoint("\(authority):80")
        else {
            report(
                node,
                """
                \(quoted(text)) is no URL such as http://127.0.0.1:8080/audit; for https, let a forwarder on this host \
                take the records and pass them on
                """)
            return nil
        }
        return (endpoint, path.isEmpty ? "/" : String(path))
    }
}
