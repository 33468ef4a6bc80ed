import Foundation
import Synchronization

/// The crawler, running. It ends when its standard input does: with this process, whatever happens to it.
final class CrawlerProcess: Sendable {
    private enum State {
        case running(pid_t)
        case ended
    }

    private let state: Mutex<State>
    private let input: Int32
    private let output: Int32
    private let log: String

    /// Starts the crawler and sends it what it is to do.
    ///
    /// - Parameters:
    ///   - user: on a cluster without Kerberos, who to be.
    ///   - log: path of the file that gets Hadoop's log of this crawl.
    init(_ command: CrawlerCommand, user: String?, request: CrawlRequest, log: String) throws(CrawlFailure) {
        self.log = log
        let started = try Self.starting.withLock { _ throws(CrawlFailure) in
            try Self.start(command.arguments, user: user, log: log)
        }
        state = Mutex(.running(started.child))
        Self.makeModest(started.child)
        input = started.input
        output = started.output
        // Should the crawler be gone already, reading says so.
        _ = Self.write(request.bytes, to: input)
    }

    deinit {
        end()
        _ = wait()
        close(input)
        close(output)
    }

    /// The next bytes of what the crawler writes; none at the end.
    func read(into decoder: inout CrawlRecordDecoder) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while true {
                let count = Glibc.read(output, buffer.baseAddress, buffer.count)
                if count > 0 {
                    decoder.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    return true
                }
                guard count < 0, errno == EINTR else { return false }
            }
        }
    }

    /// Ends the crawler at once. It has nothing to put in order: it only reads, and what it found is the service's.
    func end() {
        state.withLock { state in
            guard case .running(let child) = state else { return }
            kill(child, SIGKILL)
        }
    }

    /// Waits for the end of the process, whose output has ended.
    ///
    /// - Returns: how it ended, in words.
    func wait() -> String {
        let child: pid_t? = state.withLock { state in
            guard case .running(let child) = state else { return nil }
            state = .ended
            return child
        }
        guard let child else { return "it has ended" }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? "it exited with status \(status >> 8 & 0xff)" : "signal \(signal) ended it"
    }

    /// What the crawler wrote last to its log, on one line.
    var lastWords: String {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return "" }
        return text.split(separator: "\n").suffix(3).joined(separator: " / ")
    }

    // MARK: System calls

    /// One after the other: a pipe is closed on `exec` only a moment after it is made, and another crawler that holds
    /// its end would keep this one from ever seeing the end.
    private static let starting = Mutex(())

    private static func start(
        _ arguments: [String], user: String?, log: String
    ) throws(CrawlFailure) -> (child: pid_t, input: Int32, output: Int32) {
        var ends: [Int32] = [-1, -1, -1, -1]
        let made = ends.withUnsafeMutableBufferPointer { ends in
            pipe(ends.baseAddress!) == 0 && pipe(ends.baseAddress! + 2) == 0
        }
        let code = errno
        let errors = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { for descriptor in [ends[0], ends[3], errors] where descriptor >= 0 { close(descriptor) } }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do throws(CrawlFailure) {
            guard made else { throw CrawlFailure(.crawler, "pipe: \(words(code))") }
            let child = try spawn(arguments, user: user, input: ends[0], output: ends[3], errors: errors)
            return (child, ends[1], ends[2])
        } catch {
            for end in [ends[1], ends[2]] where end >= 0 { close(end) }
            throw error
        }
    }

    /// Lets the service and the NameNode come first, and has the crawler go first when memory is short.
    private static func makeModest(_ child: pid_t) {
        _ = setpriority(__priority_which_t(0), id_t(child), 10)
        let file = open("/proc/\(child)/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(Array("500".utf8), to: file)
        close(file)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return false }
            }
            return true
        }
    }

    private static func spawn(
        _ arguments: [String], user: String?, input: Int32, output: Int32, errors: Int32
    ) throws(CrawlFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that Ctrl-C in a terminal is the service's to deal with; and signals as they are by
        // default, whatever the service does with them.
        var all = sigset_t()
        sigfillset(&all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var environment = ProcessInfo.processInfo.environment
        // Hadoop would take a ticket of the service's for its own.
        environment["KRB5CCNAME"] = "FILE:/dev/null"
        environment["HADOOP_USER_NAME"] = user
        var child: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&child, arguments[0]!, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            throw CrawlFailure(
                .crawler, "cannot start `\(arguments[0])`: \(words(code)); see `crawl.java` in the configuration")
        }
        return child
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
