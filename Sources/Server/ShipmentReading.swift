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
            fields.optional("syslog") { $0.syslog($1) },
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

    private func syslog(_ node: Node) -> Shipment.Target? {
        guard let fields = fields(of: node, known: ["address", "tls"]) else { return nil }
        let security = fields.optional("tls") { $0.security($1) }
        return fields.required("address") { $0.endpoint($1) }.map { .syslog($0, security) }
    }

    private func webhook(_ node: Node) -> Shipment.Target? {
        guard let fields = fields(of: node, known: ["url", "token-file", "tls"]) else { return nil }
        let tokenFile = fields.optional("token-file") { $0.absolutePath($1) }
        let security = fields.optional("tls") { $0.security($1) }
        guard let url = fields.required("url", { $0.hookURL($1) }) else { return nil }
        if !url.isSecure, security != nil {
            report(node, "`tls` is for a URL that begins with https://")
            return nil
        }
        return .webhook(
            url.endpoint, path: url.path, tokenFile: tokenFile, url.isSecure ? security ?? Shipment.TLS() : nil)
    }

    private func security(_ node: Node) -> Shipment.TLS? {
        guard let fields = fields(of: node, known: ["ca-file", "certificate-file", "key-file"]) else { return nil }
        let security = Shipment.TLS(
            authoritiesFile: fields.optional("ca-file") { $0.absolutePath($1) },
            certificateFile: fields.optional("certificate-file") { $0.absolutePath($1) },
            keyFile: fields.optional("key-file") { $0.absolutePath($1) })
        guard (security.certificateFile == nil) == (security.keyFile == nil) else {
            report(node, "`certificate-file` and `key-file` are for one another; name both or neither")
            return nil
        }
        return security
    }

    /// `http://HOST[:PORT][/PATH]`, or the same with `https://`.
    private func hookURL(_ node: Node) -> (isSecure: Bool, endpoint: Shipment.Endpoint, path: String)? {
        guard let text = text(node) else { return nil }
        let isSecure = text.hasPrefix("https://")
        let rest = text.dropFirst(isSecure ? "https://".count : "http://".count)
        let authority = String(rest.prefix { $0 != "/" })
        let path = rest.dropFirst(authority.count)
        let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isSecure || text.hasPrefix("http://"), isPlain,
            let endpoint = Shipment.Endpoint(authority) ?? Shipment.Endpoint("\(authority):\(isSecure ? 443 : 80)")
        else {
            report(node, "\(quoted(text)) is no URL such as https://siem.example.com/audit")
            return nil
        }
        return (isSecure, endpoint, path.isEmpty ? "/" : String(path))
    }
}
