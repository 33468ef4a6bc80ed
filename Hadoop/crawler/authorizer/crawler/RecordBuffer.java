package authorizer.crawler;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Records as bytes: a type, the length of the rest, the fields. Integers are big-endian; a text has a length of four
 * bytes and is UTF-8. Not synchronised.
 */
final class RecordBuffer {
    private byte[] bytes = new byte[1 << 12];
    private int count;
    private int bodyStart;

    RecordBuffer begin(RecordType type) {
        octet(type.code);
        number(0);
        bodyStart = count;
        return this;
    }

    void end() {
        int length = count - bodyStart;
        for (int place = bodyStart - 1; place >= bodyStart - 4; place--) {
            bytes[place] = (byte) length;
            length >>>= 8;
        }
    }

    RecordBuffer octet(int value) {
        room(1);
        bytes[count++] = (byte) value;
        return this;
    }

    RecordBuffer number(int value) {
        room(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[count++] = (byte) (value >>> shift);
        }
        return this;
    }

    RecordBuffer wide(long value) {
        return number((int) (value >>> 32)).number((int) value);
    }

    RecordBuffer text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, count, utf8.length);
        count += utf8.length;
        return this;
    }

    int size() {
        return count;
    }

    void clear() {
        count = 0;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, count);
        count = 0;
    }

    private void room(int more) {
        if (bytes.length - count < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, count + more));
        }
    }
}
