package authorizer.namenode;

import authorizer.grant.TokenHandle;
import java.io.ByteArrayOutputStream;
import org.apache.hadoop.hdfs.security.token.delegation.DelegationTokenIdentifier;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.UserGroupInformation.AuthenticationMethod;
import org.apache.hadoop.security.token.Token;
import org.apache.hadoop.security.token.TokenIdentifier;

/**
 * The handles of the delegation tokens that a caller has proved to hold. Immutable.
 *
 * <p>On RPC the NameNode puts the identifier that it has verified beside the user. On WebHDFS it puts the token itself
 * there, having verified it ({@code JspHelper.getTokenUGI}). Nothing that a caller merely claims gets there.
 */
final class TokenHandles {
  /** How many are sent with a question. */
  static final int GREATEST_COUNT = 8;

  private static final byte[] NONE = {};

  private final String nameservice;

  /**
   * @param nameservice of this NameNode; null where it is not known, and then there are no handles
   */
  TokenHandles(String nameservice) {
    this.nameservice = nameservice;
  }

  /** The handles, one after another; empty where there are none. */
  byte[] of(UserGroupInformation user) {
    if (nameservice == null || user.getRealAuthenticationMethod() != AuthenticationMethod.TOKEN) {
      return NONE;
    }
    ByteArrayOutputStream handles = new ByteArrayOutputStream(TokenHandle.BYTES);
    for (TokenIdentifier identifier : user.getTokenIdentifiers()) {
      if (identifier instanceof DelegationTokenIdentifier) {
        put(identifier.getBytes(), handles);
      }
    }
    if (handles.size() == 0) {
      for (Token<? extends TokenIdentifier> token : user.getTokens()) {
        if (DelegationTokenIdentifier.HDFS_DELEGATION_KIND.equals(token.getKind())) {
          put(token.getIdentifier(), handles);
        }
      }
    }
    return handles.toByteArray();
  }

  private void put(byte[] identifier, ByteArrayOutputStream handles) {
    if (handles.size() < GREATEST_COUNT * TokenHandle.BYTES) {
      handles.write(TokenHandle.of(nameservice, identifier), 0, TokenHandle.BYTES);
    }
  }
}
