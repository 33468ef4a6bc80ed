import Glibc

/// The short way to a peer: straight to its socket, without a queue, while it takes everything at once. A peer nearly
/// always does, and the event loop's own way costs a question more than deciding it.
struct DirectSend {
    private let descriptor: CInt

    /// - Parameter descriptor: the channel's socket, non-blocking.
    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Sends as much as the peer takes at once.
    ///
    /// What is left, also where the socket has failed, is for the channel, which waits or reports the failure. To be
    /// called only while the channel is active, since the descriptor may be somebody else's afterwards, and only while
    /// nothing waits in the channel's own queue.
    ///
    /// - Returns: how many bytes went.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno != EINTR { return 0 }
        }
    }
}
