package authorizer.grant;

import java.util.Arrays;
import org.ietf.jgss.ChannelBinding;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.Oid;

/**
 * A job's end of the proof that it runs for whom it says: a Kerberos ticket for the service, bound to one connection, as
 * {@code docs/wire.md} says. Used by one thread.
 */
public final class TicketProof {
  /** Bytes of a challenge. */
  public static final int CHALLENGE_BYTES = 32;

  /** Kerberos 5, RFC 4121. */
  private static final String MECHANISM = "1.2.840.113554.1.2.2";

  /** Names that are principals as they are: nothing about them is looked up in DNS. */
  private static final String PRINCIPAL_NAME = "1.2.840.113554.1.2.2.1";

  private final GSSContext context;
  private final byte[] token;

  /**
   * Gets the ticket by the credentials of the thread's subject, which may ask the KDC and wait for it.
   *
   * @param servicePrincipal with its realm
   * @param challenge the body of the service's {@code challenge}
   * @throws GSSException without credentials, or for a service that the KDC does not know
   */
  public TicketProof(String servicePrincipal, byte[] challenge) throws GSSException {
    if (challenge.length != CHALLENGE_BYTES) {
      throw new GSSException(GSSException.BAD_BINDINGS, 0, "a challenge of " + challenge.length + " bytes");
    }
    GSSManager manager = GSSManager.getInstance();
    GSSName service = manager.createName(servicePrincipal, new Oid(PRINCIPAL_NAME));
    context = manager.createContext(service, new Oid(MECHANISM), null, GSSContext.DEFAULT_LIFETIME);
    context.requestMutualAuth(true);
    context.requestCredDeleg(false);
    context.setChannelBinding(new ChannelBinding(challenge));
    token = context.initSecContext(new byte[0], 0, 0);
  }

  /** The body of a {@code ticket}. */
  public byte[] token() {
    return token.clone();
  }

  /**
   * Makes sure that it was the service that answered.
   *
   * @param proven the body of the service's {@code proven}
   * @throws GSSException where it comes from somebody who does not have the service's key, or is none
   */
  public void finish(byte[] proven) throws GSSException {
    byte[] reply = replyIn(proven);
    context.initSecContext(reply, 0, reply.length);
    if (!context.isEstablished() || !context.getMutualAuthState()) {
      throw new GSSException(GSSException.DEFECTIVE_TOKEN, 0, "the service has not proved who it is");
    }
    context.dispose();
  }

  /** The service's token in the body of a {@code proven}: behind the end, eight bytes, and the principal. */
  static byte[] replyIn(byte[] proven) throws GSSException {
    int lengthAt = Long.BYTES;
    if (proven.length >= lengthAt + Short.BYTES) {
      int start = lengthAt + Short.BYTES + ((proven[lengthAt] & 0xff) << 8 | proven[lengthAt + 1] & 0xff);
      if (start <= proven.length) {
        return Arrays.copyOfRange(proven, start, proven.length);
      }
    }
    throw new GSSException(GSSException.DEFECTIVE_TOKEN, 0, "a `proven` that ends before its principal does");
  }
}
