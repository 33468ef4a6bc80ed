package authorizer.namenode;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Puts the parts of a cover together. Not safe for use by more than one thread at a time. */
final class CoverParts {
  private static final int FIRST = 1;
  private static final int LAST = 2;

  private static final int COVERED = 1;
  private static final int IGNORED = 2;
  private static final int CONTACT = 3;

  private final FrameWriter frames = new FrameWriter();
  private Cover.Builder builder;
  private long version;

  /**
   * Adds the part that the body of a {@code cover} frame holds.
   *
   * @return the cover, if this was its last part; null otherwise
   * @throws WireException when the part does not follow those before; none of them counts any more
   */
  Cover add(FrameBody frame) throws WireException {
    byte[] part = frame.rest();
    FrameBody body = new FrameBody(part, 0, part.length);
    Cover.Builder gathered = builder;
    builder = null;
    long partVersion = body.u64();
    int flags = body.u8();
    if ((flags & ~(FIRST | LAST)) != 0) {
      throw new WireException("a part of a cover has flags that are not known");
    }
    boolean first = (flags & FIRST) != 0;
    if (!first && (gathered == null || partVersion != version)) {
      throw new WireException("a part of cover " + partVersion + " came without those before it");
    }
    if (first) {
      gathered = new Cover.Builder(partVersion);
      version = partVersion;
      frames.clear();
    }
    frames.begin(FrameType.COVER, 0).raw(part).end();
    for (long left = body.u32(); left > 0; left--) {
      addEntry(gathered, body);
    }
    body.end();
    if ((flags & LAST) != 0) {
      return gathered.build();
    }
    builder = gathered;
    return null;
  }

  /** The frames of the parts added since the first one, from which {@link #decode} makes the same cover. */
  ByteBuffer frames() {
    return frames.bytes();
  }

  /**
   * Reads a cover from the frames that brought it.
   *
   * @throws IOException when the bytes are not exactly the frames of one cover
   */
  static Cover decode(byte[] frames) throws IOException {
    FrameReader reader = FrameReader.over(frames);
    CoverParts parts = new CoverParts();
    Cover cover = null;
    while (cover == null) {
      reader.next(null);
      if (reader.type() != FrameType.COVER) {
        throw new WireException("a frame of type " + reader.type() + " is no part of a cover");
      }
      cover = parts.add(reader.body());
    }
    if (!reader.isBetweenFrames()) {
      throw new WireException("bytes are left over behind the cover");
    }
    return cover;
  }

  private static void addEntry(Cover.Builder gathered, FrameBody body) throws WireException {
    int kind = body.u8();
    switch (kind) {
      case COVERED:
        long id = body.u32();
        gathered.cover(body.strBytes(), id);
        return;
      case IGNORED:
        gathered.ignore(body.str());
        return;
      case CONTACT:
        gathered.contact(body.str());
        return;
      default:
        throw new WireException("an entry of a cover is of kind " + kind);
    }
  }
}
