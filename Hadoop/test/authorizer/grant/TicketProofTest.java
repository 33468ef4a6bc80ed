package authorizer.grant;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import authorizer.namenode.GoldenFrame;
import java.util.Arrays;
import org.ietf.jgss.GSSException;
import org.junit.Test;

public class TicketProofTest {
  @Test
  public void readsTheGoldenFrames() throws GSSException {
    GoldenFrame challenge = GoldenFrame.of("challenge");
    assertEquals(0x61, challenge.type());
    assertEquals(TicketProof.CHALLENGE_BYTES, challenge.body().length);
    GoldenFrame proven = GoldenFrame.of("proven");
    assertEquals(0x63, proven.type());
    assertArrayEquals(new byte[] {0x6f, (byte) 0x82}, TicketProof.replyIn(proven.body()));
    for (int length = 0; length < proven.body().length - 2; length++) {
      byte[] cut = Arrays.copyOf(proven.body(), length);
      assertThrows(GSSException.class, () -> TicketProof.replyIn(cut));
    }
  }

  @Test
  public void refusesAChallengeOfAnotherLength() {
    GSSException refused =
        assertThrows(GSSException.class, () -> new TicketProof("authorizer/localhost@EXAMPLE.COM", new byte[31]));
    assertEquals(GSSException.BAD_BINDINGS, refused.getMajor());
  }
}
