import authorizer.grant.TicketProof;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HexFormat;
import org.ietf.jgss.GSSException;

/** As gss_client.py, by the Java of jobs: prints the first token, reads the body of a `proven`, says whether it is done. */
public final class JgssClient {
  private JgssClient() {}

  public static void main(String[] arguments) throws Exception {
    TicketProof proof = new TicketProof(arguments[0], HexFormat.of().parseHex(arguments[1]));
    System.out.println(HexFormat.of().formatHex(proof.token()));
    String answer = new BufferedReader(new InputStreamReader(System.in)).readLine();
    if (answer == null) {
      return;
    }
    try {
      proof.finish(HexFormat.of().parseHex(answer));
      System.out.println("established");
    } catch (GSSException refused) {
      System.out.println(refused.getMessage());
    }
  }
}
