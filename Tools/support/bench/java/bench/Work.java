package bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The questions to ask and what is to be answered, as {@code workload.py} writes them: see {@code c/work.h}. */
public final class Work {
  private static final int MAGIC = 0x415A4257; // AZBW
  private static final int ENTRY_HEAD = 4;

  private final ByteBuffer file;
  private final int[] entries;

  public Work(Path path) throws IOException {
    file = ByteBuffer.wrap(Files.readAllBytes(path));
    if (file.getInt() != MAGIC) {
      throw new IOException(path + " is no work file");
    }
    entries = new int[file.getInt()];
    int position = file.position();
    for (int i = 0; i < entries.length; i++) {
      entries[i] = position;
      position += ENTRY_HEAD + length(position);
    }
  }

  public int size() {
    return entries.length;
  }

  /** The question's bytes as they go into an {@code ask}. Position and limit are the reader's own. */
  ByteBuffer question(int number) {
    return file.slice(entries[number] + ENTRY_HEAD, length(entries[number]));
  }

  /** The first and the second string of the question: principal and path. */
  public String[] principalAndPath(int number) {
    ByteBuffer question = question(number).position(2);
    return new String[] {string(question), string(question)};
  }

  public int decision(int number) {
    return file.get(entries[number]);
  }

  public int reason(int number) {
    return file.get(entries[number] + 1);
  }

  private int length(int entry) {
    return Short.toUnsignedInt(file.getShort(entry + 2));
  }

  private static String string(ByteBuffer from) {
    byte[] bytes = new byte[Short.toUnsignedInt(from.getShort())];
    from.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
