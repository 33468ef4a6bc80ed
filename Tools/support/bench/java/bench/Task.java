package bench;

/** What one thread does over and over. Belongs to that thread. */
public interface Task {
  /**
   * Does it once.
   *
   * @return whether it was granted; {@code false} for a refusal that is in order
   * @throws Exception when what came is wrong; that ends the run
   */
  boolean run() throws Exception;
}
