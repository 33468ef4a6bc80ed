import Audit
import Foundation

/// Batches of JSON Lines, sent by HTTP/1.1 POST, over TLS if that is wanted. An answer with a status from 200 to 299
/// says that they have arrived.
final class WebhookSink: Sink {
    private static let longestHead = 64 << 10

    private let endpoint: Shipment.Endpoint
    private let path: String
    private let tokenFile: String?
    private let security: Shipment.TLS?
    private let encoder = LineEncoder()

    /// - Parameters:
    ///   - tokenFile: what it holds goes out as a bearer token. It is read for each batch, so that it can be changed.
    ///   - security: `nil` for TCP as it is.
    init(_ endpoint: Shipment.Endpoint, path: String, tokenFile: String?, security: Shipment.TLS? = nil) {
        self.endpoint = endpoint
        self.path = path
        self.tokenFile = tokenFile
        self.security = security
    }

    func deliver(_ records: [AuditRecord], until deadline: Deadline) throws(SinkError) {
        guard let first = records.first, let last = records.last else { return }
        let body = encoder.lines(records)
        var head = """
            POST \(path) HTTP/1.1\r
            Host: \(endpoint)\r
            Content-Type: application/x-ndjson\r
            Content-Length: \(body.count)\r
            Authorizer-Records: \(first.sequence)-\(last.sequence)\r
            Connection: close\r\n
            """
        if let token = try token() { head += "Authorization: Bearer \(token)\r\n" }
        let connection = try connect(to: endpoint, security: security, isAnswered: true, until: deadline)
        try connection.send(Data("\(head)\r\n".utf8) + body, until: deadline)
        let status = try readStatus(connection, until: deadline)
        guard (200..<300).contains(status) else {
            throw SinkError("\(security == nil ? "http" : "https")://\(endpoint)\(path) answered with status \(status)")
        }
    }

    private func token() throws(SinkError) -> String? {
        guard let tokenFile else { return nil }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
            throw SinkError("the token `\(tokenFile)` cannot be read")
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw SinkError("`\(tokenFile)` holds no token")
        }
        return token
    }

    /// Of the final answer: those from 100 to 199 say that another follows.
    private func readStatus(_ connection: any Connection, until deadline: Deadline) throws(SinkError) -> Int {
        var answer: [UInt8] = []
        while answer.count < Self.longestHead {
            while let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) {
                let line = String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
                let words = line.split(separator: " ")
                guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
                    throw SinkError("\(endpoint) does not answer in HTTP/1.1")
                }
                guard (100..<200).contains(status) else { return status }
                answer.removeSubrange(..<end.upperBound)
            }
            let more = try connection.receive(atMost: 4_096, until: deadline)
            guard !more.isEmpty else { throw SinkError("\(endpoint) has ended the connection without an answer") }
            answer += more
        }
        throw SinkError("\(endpoint) does not end the head of its answer")
    }
}
