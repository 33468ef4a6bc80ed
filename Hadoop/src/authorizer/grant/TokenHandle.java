package authorizer.grant;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What ties a grant to a job: SHA-256 over the nameservice and the identifier of an HDFS delegation token, as {@code
 * docs/grants.md} says. The job computes it from the token that it holds, the NameNode from the identifier that it has
 * verified.
 */
public final class TokenHandle {
  /** Bytes of a handle. */
  public static final int BYTES = 32;

  private static final int GREATEST_NAMESERVICE = 65_535;

  private TokenHandle() {}

  /**
   * The handle of a token.
   *
   * @param nameservice of the NameNode, see {@link Nameservice}
   * @param identifier the token's: {@code Token.getIdentifier()}, or {@code TokenIdentifier.getBytes()}
   * @return {@link #BYTES} bytes
   */
  public static byte[] of(String nameservice, byte[] identifier) {
    byte[] name = nameservice.getBytes(StandardCharsets.UTF_8);
    if (name.length > GREATEST_NAMESERVICE) {
      throw new IllegalArgumentException("a nameservice of " + name.length + " bytes is too long");
    }
    MessageDigest digest = sha256();
    digest.update((byte) (name.length >> 8));
    digest.update((byte) name.length);
    digest.update(name);
    return digest.digest(identifier);
  }

  /** The handle as commands write it: 64 lower-case hexadecimal digits. */
  public static String hex(byte[] handle) {
    StringBuilder digits = new StringBuilder(2 * handle.length);
    for (byte value : handle) {
      digits.append(Character.forDigit(value >> 4 & 15, 16)).append(Character.forDigit(value & 15, 16));
    }
    return digits.toString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has SHA-256", absent);
    }
  }
}
