package bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the service, or the echo server, from threads with a blocking connection each. Every answer is checked.
 *
 * <p>{@code SocketBench service|echo SOCKET WORK THREADS WARM_UP_SECONDS SECONDS}
 */
public final class SocketBench {
  private static final int FRAME_HEAD = 9;
  private static final int ASK = 0x10;
  private static final int ANSWERS = 0x11;
  private static final int GREATEST_FRAME = 64 * 1024;

  private SocketBench() {}

  public static void main(String[] arguments) throws Exception {
    boolean echo = arguments[0].equals("echo");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(arguments[1]);
    Work work = new Work(Path.of(arguments[2]));
    int threads = Integer.parseInt(arguments[3]);
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      tasks.add(new Asker(address, work, echo, i, threads));
    }
    new ClosedLoop(tasks).run(Double.parseDouble(arguments[4]), Double.parseDouble(arguments[5]));
  }

  /** Asks each {@code step}-th question of the work, one after the other. */
  private static final class Asker implements Task {
    private final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    private final ByteBuffer out = ByteBuffer.allocateDirect(GREATEST_FRAME);
    private final ByteBuffer in = ByteBuffer.allocateDirect(GREATEST_FRAME);
    private final Work work;
    private final boolean echo;
    private final int step;
    private int next;

    Asker(UnixDomainSocketAddress address, Work work, boolean echo, int first, int step) throws IOException {
      this.work = work;
      this.echo = echo;
      this.step = step;
      next = first;
      channel.connect(address);
      if (!echo) {
        greet();
      }
    }

    @Override
    public boolean run() throws IOException {
      int number = next;
      next = (next + step) % work.size();
      ask(number);
      receive();
      if (echo) {
        checkEcho();
      } else {
        checkAnswer(number);
      }
      return true;
    }

    private void ask(int number) throws IOException {
      out.clear().position(4);
      out.put((byte) ASK).putInt(number).putShort((short) 1).put(work.question(number));
      send();
    }

    private void send() throws IOException {
      out.putInt(0, out.position() - 4).flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
    }

    /** Reads one frame. */
    private void receive() throws IOException {
      in.clear();
      do {
        if (channel.read(in) < 0) {
          throw new EOFException("the server ended the connection");
        }
      } while (in.position() < FRAME_HEAD || in.position() < 4 + in.getInt(0));
      in.flip();
    }

    private void checkEcho() throws IOException {
      if (!in.equals(out.rewind())) {
        throw new IOException("not the bytes that were sent came back");
      }
    }

    private void checkAnswer(int number) throws IOException {
      if (in.get(4) != ANSWERS || in.getInt(5) != number || in.getShort(FRAME_HEAD) != 1) {
        throw new IOException("not an answer to question " + number);
      }
      int decision = in.get(FRAME_HEAD + 2);
      int reason = in.get(FRAME_HEAD + 3);
      if (decision != work.decision(number) || reason != work.reason(number)) {
        throw new IOException("wrong answer to question " + number + ": " + decision + ", " + reason);
      }
    }

    private void greet() throws IOException {
      out.clear().position(4);
      out.put((byte) 0x01).putInt(0).putInt(0x415A5221).putShort((short) 1).putShort((short) 1);
      byte[] name = "bench".getBytes(StandardCharsets.US_ASCII);
      out.putShort((short) name.length).put(name);
      send();
      receive();
      if (in.get(4) != 0x02) {
        throw new IOException("the service did not answer the hello with a welcome");
      }
    }
  }
}
