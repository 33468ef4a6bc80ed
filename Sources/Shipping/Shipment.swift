/// Where audit records are sent, as an administrator has set it.
package struct Shipment: Sendable, Equatable {
    /// What a batch may take, in seconds, before the sink counts as hanging.
    package static let longestDelivery = 10.0

    package enum Target: Sendable, Equatable {
        /// A file that a log shipper tails: its path.
        case file(String)
        /// A collector that takes syslog (RFC 5424) over TCP (RFC 6587, octet counting).
        case syslog(Endpoint)
        /// An HTTP server that takes JSON Lines by POST.
        case webhook(Endpoint, path: String, tokenFile: String?)
    }

    /// A host and a port.
    package struct Endpoint: Sendable, Equatable, CustomStringConvertible {
        package var host: String
        package var port: UInt16

        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        /// - Parameter text: `HOST:PORT`, an IPv6 address in brackets.
        /// - Returns: `nil` if it is something else.
        package init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
            else { return nil }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            guard !host.isEmpty, !host.contains("/"), !host.contains("@") else { return nil }
            self.init(host: String(host), port: port)
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    package var target: Target

    package init(_ target: Target) {
        self.target = target
    }

    /// The kind of target; also the name under which it is known. There is one of each at most.
    package var name: String {
        switch target {
        case .file: "file"
        case .syslog: "syslog"
        case .webhook: "webhook"
        }
    }

    func makeSink() -> any Sink {
        switch target {
        case .file(let path): FileSink(path: path)
        case .syslog(let endpoint): SyslogSink(endpoint)
        case .webhook(let endpoint, let path, let tokenFile):
            WebhookSink(endpoint, path: path, tokenFile: tokenFile)
        }
    }
}
