/// Where audit records are sent, as an administrator has set it.
package struct Shipment: Sendable, Equatable {
    /// What a batch may take, in seconds, before the sink counts as hanging.
    package static let longestDelivery = 10.0

    package enum Target: Sendable, Equatable {
        /// A file that a log shipper tails: its path.
        case file(String)
        /// A collector that takes syslog (RFC 5424) over TCP (RFC 6587, octet counting) or TLS (RFC 5425).
        case syslog(Endpoint, TLS?)
        /// An HTTP server that takes JSON Lines by POST.
        case webhook(Endpoint, path: String, tokenFile: String?, TLS?)
    }

    /// How a sink proves who it is, and this service to it. Files are in PEM, and read for each connection: they can be
    /// renewed.
    package struct TLS: Sendable, Equatable {
        /// Certificates of the authorities that count; `nil` for those of the system.
        package var authoritiesFile: String?
        /// This service's certificate, with those between it and its authority; `nil` to show none.
        package var certificateFile: String?
        /// The key of that certificate.
        package var keyFile: String?

        package init(authoritiesFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.authoritiesFile = authoritiesFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
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
        case .syslog(let endpoint, let security): SyslogSink(endpoint, security: security)
        case .webhook(let endpoint, let path, let tokenFile, let security):
            WebhookSink(endpoint, path: path, tokenFile: tokenFile, security: security)
        }
    }
}
