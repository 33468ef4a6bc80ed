package authorizer.grant;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.Test;

public class TokenHandleTest {
  /** {@code printf '\\0\\003ns1identifier' | sha256sum}. */
  @Test
  public void isTheHashOfNameserviceAndIdentifier() {
    assertEquals("75cc8f687ce1f4ea9a7e4f6afa58da90e0c61f0db60c96cc2c9c392fd0402869", hex("ns1", "identifier"));
  }

  @Test
  public void keepsApartWhatTheTwoWouldSpellTogether() {
    assertNotEquals(hex("ns1", "identifier"), hex("ns", "1identifier"));
  }

  @Test
  public void nameserviceThatIsTooLongIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> hex("n".repeat(65_536), ""));
  }

  private static String hex(String nameservice, String identifier) {
    return TokenHandle.hex(TokenHandle.of(nameservice, identifier.getBytes(StandardCharsets.UTF_8)));
  }
}
