package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;

import authorizer.grant.TokenHandle;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.security.token.block.BlockTokenIdentifier;
import org.apache.hadoop.hdfs.security.token.delegation.DelegationTokenIdentifier;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.UserGroupInformation.AuthenticationMethod;
import org.apache.hadoop.security.token.Token;
import org.junit.Rule;
import org.junit.Test;

public class TokenHandlesTest {
  @Rule public final Plugin plugin = new Plugin();

  private final TokenHandles handles = new TokenHandles("ns1");

  @Test
  public void areThoseOfVerifiedIdentifiers() {
    UserGroupInformation user = byToken();
    DelegationTokenIdentifier identifier = identifier(1);
    user.addTokenIdentifier(identifier);
    String expected = TokenHandle.hex(TokenHandle.of("ns1", identifier.getBytes()));
    assertEquals(expected, TokenHandle.hex(handles.of(user)));
    assertNotEquals(expected, TokenHandle.hex(new TokenHandles("ns2").of(user)));
  }

  @Test
  public void ofATicketThereAreNone() {
    UserGroupInformation user = Users.named("alice@EXAMPLE.COM");
    user.setAuthenticationMethod(AuthenticationMethod.KERBEROS);
    assertEquals(0, handles.of(user).length);
    user.addTokenIdentifier(identifier(1));
    assertEquals("what nobody has proved counts for nothing", 0, handles.of(user).length);
  }

  @Test
  public void ofAProxiedCallByATokenTheyAreThoseOfTheUserActedFor() {
    UserGroupInformation etl = byToken();
    etl.addTokenIdentifier(identifier(1));
    UserGroupInformation bob = UserGroupInformation.createProxyUser("bob", etl);
    assertEquals("the token of the real user is for the real user's jobs", 0, handles.of(bob).length);
    bob.addTokenIdentifier(identifier(2));
    assertEquals(
        TokenHandle.hex(TokenHandle.of("ns1", identifier(2).getBytes())), TokenHandle.hex(handles.of(bob)));
  }

  @Test
  public void tokensOfOtherKindsHaveNone() {
    UserGroupInformation user = byToken();
    user.addTokenIdentifier(new BlockTokenIdentifier());
    user.addToken(token(identifier(1), "HIVE_DELEGATION_TOKEN"));
    assertEquals(0, handles.of(user).length);
  }

  /** The NameNode verifies it, and keeps the token, not its identifier, beside the user. */
  @Test
  public void ofWebHdfsTheyAreThoseOfTheToken() {
    UserGroupInformation user = byToken();
    user.addToken(token(identifier(1), "HDFS_DELEGATION_TOKEN"));
    assertEquals(
        TokenHandle.hex(TokenHandle.of("ns1", identifier(1).getBytes())), TokenHandle.hex(handles.of(user)));
  }

  @Test
  public void areNoMoreThanAQuestionTakes() {
    UserGroupInformation user = byToken();
    for (int i = 0; i < 9; i++) {
      user.addTokenIdentifier(identifier(i));
    }
    assertEquals(8 * TokenHandle.BYTES, handles.of(user).length);
  }

  @Test
  public void withoutANameserviceThereAreNone() {
    UserGroupInformation user = byToken();
    user.addTokenIdentifier(identifier(1));
    assertEquals(0, new TokenHandles(null).of(user).length);
  }

  @Test
  public void goWithReadsAndTraversalsAndNotWithMoves() throws Exception {
    plugin.with("authorizer.nameservice", "ns1").start();
    UserGroupInformation user = byToken();
    user.addTokenIdentifier(identifier(1));
    String expected = TokenHandle.hex(TokenHandle.of("ns1", identifier(1).getBytes()));
    plugin.run(Check.ofFile("/data/sales/f").by(user).access(FsAction.READ));
    assertEquals(expected, ScriptedService.next(plugin.service.questions).handles());
    Recorder hdfs = new Recorder();
    hdfs.refusal = new AccessControlException("Permission denied");
    plugin.run(Check.ofFile("/data/sales/f").by(user), hdfs);
    assertEquals(expected, ScriptedService.next(plugin.service.questions).handles());
    plugin.service.script = (peer, request, question) -> peer.send(Frames.leaveNative(request));
    plugin.run(Check.ofFile("/data/sales/f").by(user).parent(FsAction.WRITE));
    plugin.run(Check.ofNothing("/tmp/f").by(user).ancestor(FsAction.WRITE));
    assertEquals("", ScriptedService.next(plugin.service.questions).handles());
  }

  private static UserGroupInformation byToken() {
    UserGroupInformation user = Users.named("alice@EXAMPLE.COM");
    user.setAuthenticationMethod(AuthenticationMethod.TOKEN);
    return user;
  }

  private static DelegationTokenIdentifier identifier(int sequenceNumber) {
    DelegationTokenIdentifier identifier =
        new DelegationTokenIdentifier(new Text("alice@EXAMPLE.COM"), new Text("yarn"), new Text());
    identifier.setSequenceNumber(sequenceNumber);
    return identifier;
  }

  private static Token<DelegationTokenIdentifier> token(DelegationTokenIdentifier identifier, String kind) {
    return new Token<>(identifier.getBytes(), new byte[0], new Text(kind), new Text("nn"));
  }
}
