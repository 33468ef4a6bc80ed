import Glibc

/// The short way to a peer: straight to its socket, without a queue, while it takes everything at once, and straight
/// from it, where its next question is likely to be there already. A peer nearly always does, and the event loop's own
/// way costs a question more than deciding it.
///
/// To be used only while the channel is active, since the descriptor may be somebody else's afterwards.
struct DirectSocket {
    private let descriptor: CInt

    /// - Parameter descriptor: the channel's socket, non-blocking.
    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Sends as much as the peer takes at once.
    ///
    /// What is left, also where the socket has failed, is for the channel, which waits or reports the failure. To be
    /// called only while nothing waits in the channel's own queue.
    ///
    /// - Returns: how many bytes went.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno != EINTR { return 0 }
        }
    }

    /// Receives what is there, at the beginning of a space.
    ///
    /// The end of the stream and failures are for the channel, which finds them there again.
    ///
    /// - Returns: how many bytes came; 0 if there are none now.
    func receive(into space: UnsafeMutableBufferPointer<UInt8>) -> Int {
        while true {
            let count = recv(descriptor, space.baseAddress, space.count, Int32(MSG_DONTWAIT))
            if count >= 0 { return count }
            if errno != EINTR { return 0 }
        }
    }
}
