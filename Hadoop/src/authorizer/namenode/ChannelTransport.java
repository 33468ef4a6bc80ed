package authorizer.namenode;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Unix-domain sockets as Java 16 and later have them (JEP 380). Reached by reflection, since the plug-in is compiled
 * for Java 8.
 *
 * <p>The channels do not block: in that mode, an interrupt does not close a channel, and one deadline bounds reads and
 * writes alike.
 */
final class ChannelTransport implements Transport {
  private final SocketAddress address;
  private final Method open;
  private final ProtocolFamily unix;

  /**
   * @param path of the service's socket
   * @throws ReflectiveOperationException when this Java has no Unix-domain sockets
   */
  ChannelTransport(String path) throws ReflectiveOperationException {
    Class<?> addresses = Class.forName("java.net.UnixDomainSocketAddress");
    address = (SocketAddress) addresses.getMethod("of", String.class).invoke(null, path);
    open = SocketChannel.class.getMethod("open", ProtocolFamily.class);
    unix = StandardProtocolFamily.valueOf("UNIX");
  }

  @Override
  public Connection connect(Deadline deadline) throws IOException {
    SocketChannel channel = open();
    try {
      channel.configureBlocking(false);
      if (!channel.connect(address)) {
        throw new IOException("the socket's queue of connections is full");
      }
      return new ChannelConnection(channel);
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private SocketChannel open() throws IOException {
    try {
      return (SocketChannel) open.invoke(null, unix);
    } catch (InvocationTargetException failure) {
      throw new IOException(failure.getCause());
    } catch (IllegalAccessException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static final class ChannelConnection implements Connection {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;

    ChannelConnection(SocketChannel channel) throws IOException {
      this.channel = channel;
      selector = channel.provider().openSelector();
      key = channel.register(selector, 0);
    }

    @Override
    public void write(ByteBuffer bytes, Deadline deadline) throws IOException {
      while (bytes.hasRemaining()) {
        if (channel.write(bytes) == 0) {
          await(SelectionKey.OP_WRITE, deadline);
        }
      }
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException {
      while (true) {
        int count = channel.read(into);
        if (count != 0) {
          return count;
        }
        await(SelectionKey.OP_READ, deadline);
      }
    }

    private void await(int operation, Deadline deadline) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        key.interestOps(operation);
        while (selector.select(deadline.remainingMillis()) == 0) {
          interrupted |= Thread.interrupted();
        }
        selector.selectedKeys().clear();
      } catch (ClosedSelectorException | CancelledKeyException closed) {
        throw new EOFException("the connection was closed");
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void close() {
      closeQuietly(selector);
      closeQuietly(channel);
    }

    private static void closeQuietly(Closeable resource) {
      try {
        resource.close();
      } catch (IOException nothingToBeDone) {
        // The connection is given up either way.
      }
    }
  }
}
