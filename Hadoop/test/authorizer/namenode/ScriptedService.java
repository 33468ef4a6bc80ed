package authorizer.namenode;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A service on a real socket that does as a test says. It says welcome, pushes the cover that the test has set, and
 * answers pings and reports; what it answers to a question, the test's script says.
 */
final class ScriptedService implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  /** What is done with a question. */
  interface Script {
    void asked(Peer peer, int request, AskedQuestion question) throws IOException;
  }

  /** A report as it came. */
  record Report(long reporter, long first, long notKept, List<Event> events) {}

  /** One event of a report. */
  record Event(int decision, int reason, int mode, AskedQuestion question) {}

  private final Path socket;
  private final List<Peer> peers = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Long> taken = new LinkedBlockingQueue<>();
  private ServerSocketChannel server;

  final BlockingQueue<AskedQuestion> questions = new LinkedBlockingQueue<>();
  final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();
  final BlockingQueue<Integer> pings = new LinkedBlockingQueue<>();

  volatile Script script = (peer, request, question) -> peer.send(Frames.allow(request));

  /** Whether pings and reports are answered. */
  volatile boolean answersPings = true;
  volatile boolean takesReports = true;

  private volatile long version = 1;
  private volatile String[] covered = {"/data/sales", "/data/hr"};
  private volatile String[] ignored = {"backup"};

  ScriptedService(Path socket) {
    this.socket = socket;
  }

  /** Begins to listen. */
  ScriptedService open() throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket));
    synchronized (this) {
      server = listening;
    }
    start(() -> accept(listening));
    return this;
  }

  /** Goes away as a killed process does: every connection ends, and the socket's file stays behind. */
  @Override
  public void close() throws IOException {
    ServerSocketChannel listening;
    synchronized (this) {
      listening = server;
      server = null;
    }
    if (listening != null) {
      listening.close();
    }
    for (Peer peer : peers) {
      peer.channel.close();
    }
    peers.clear();
  }

  /** Covers these paths from now on, with the ids 1, 2 and so on, and tells every watcher. */
  void cover(String... paths) throws IOException {
    covered = paths;
    version++;
    for (Peer peer : peers) {
      if (peer.watch != 0) {
        peer.send(Frames.cover(peer.watch, version, covered, ignored, "data-office@example.com"));
      }
    }
  }

  /** The version of the cover that was set last. */
  long version() {
    return version;
  }

  /** Waits until a watcher goes by the cover that was set last. */
  void awaitTaken() throws InterruptedException {
    long seen;
    do {
      seen = next(taken);
    } while (seen != version);
  }

  /** Waits for the next of what a queue is to hold. */
  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (item == null) {
      throw new AssertionError("nothing came");
    }
    return item;
  }

  private void accept(ServerSocketChannel listening) {
    try {
      while (true) {
        Peer peer = new Peer(listening.accept());
        if (admits(listening, peer)) {
          start(peer::serve);
        } else {
          peer.hangUp();
        }
      }
    } catch (IOException closed) {
      // The test closed the service.
    }
  }

  /** An accept that is under way when the service closes may still bring a connection. */
  private synchronized boolean admits(ServerSocketChannel listening, Peer peer) {
    return server == listening && peers.add(peer);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "scripted-service");
    thread.setDaemon(true);
    thread.start();
  }

  /** One connection. */
  final class Peer {
    private final SocketChannel channel;
    private volatile int watch;

    Peer(SocketChannel channel) {
      this.channel = channel;
    }

    /** Sends bytes, whole frames or not. */
    synchronized void send(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    /** Ends the connection. */
    void hangUp() throws IOException {
      channel.close();
    }

    private void serve() {
      try (DataInputStream in = new DataInputStream(Channels.newInputStream(channel))) {
        while (true) {
          int length = in.readInt();
          int type = in.readUnsignedByte();
          int request = in.readInt();
          byte[] body = new byte[length - 5];
          in.readFully(body);
          heard(type, request, new DataInputStream(new ByteArrayInputStream(body)));
        }
      } catch (EOFException | ClosedChannelException gone) {
        // As connections end.
      } catch (IOException broken) {
        // A peer that closed with bytes unread.
      }
    }

    private void heard(int type, int request, DataInputStream body) throws IOException {
      switch (type) {
        case 0x01 -> send(Frames.welcome(request));
        case 0x10 -> {
          body.readUnsignedShort();
          AskedQuestion question = AskedQuestion.read(body);
          questions.add(question);
          script.asked(this, request, question);
        }
        case 0x20 -> {
          watch = request;
          send(Frames.cover(request, version, covered, ignored, "data-office@example.com"));
        }
        case 0x22 -> taken.add(body.readLong());
        case 0x30 -> {
          reports.add(report(body));
          if (takesReports) {
            send(Frames.frame(0x31, request, out -> {}));
          }
        }
        case 0x50 -> {
          pings.add(request);
          if (answersPings) {
            byte[] same = body.readAllBytes();
            send(Frames.frame(0x51, request, out -> out.write(same)));
          }
        }
        default -> throw new AssertionError("a frame of type " + type);
      }
    }

    private static Report report(DataInputStream body) throws IOException {
      long reporter = body.readLong();
      long first = body.readLong();
      long notKept = body.readLong();
      Event[] events = new Event[body.readUnsignedShort()];
      for (int i = 0; i < events.length; i++) {
        body.readLong();
        int decision = body.readUnsignedByte();
        int reason = body.readUnsignedByte();
        int mode = body.readUnsignedByte();
        events[i] = new Event(decision, reason, mode, AskedQuestion.read(body));
      }
      return new Report(reporter, first, notKept, List.of(events));
    }
  }
}
