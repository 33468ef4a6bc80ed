package authorizer.namenode;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Asks the service, within a deadline that bounds all of it: waiting for a connection, opening one, writing, reading.
 * Safe for use by many threads; none waits for another but for a free connection.
 */
final class DecisionService {
  private final ConnectionPool pool;
  private final Breaker breaker;
  private final Counters counters;
  private final long deadlineMillis;

  DecisionService(ConnectionPool pool, Breaker breaker, Counters counters, long deadlineMillis) {
    this.pool = pool;
    this.breaker = breaker;
    this.counters = counters;
    this.deadlineMillis = deadlineMillis;
  }

  /**
   * Asks one question.
   *
   * @param permissions along its path, told where the service wants them; null where they are not known, or of no use
   * @throws UnavailableException when there is no answer by the deadline, or none is to be asked for; its message goes
   *     behind "the authorizer"
   */
  Answer ask(Question question, PathPermissions permissions) throws UnavailableException {
    if (breaker.isOpen()) {
      throw new UnavailableException("has stopped answering", null);
    }
    counters.asked.increment();
    long start = System.nanoTime();
    try {
      Answer answer = askUntil(question, permissions, Deadline.after(deadlineMillis, TimeUnit.MILLISECONDS));
      breaker.answered();
      counters.answered(answer.decision, System.nanoTime() - start);
      return answer;
    } catch (DeadlineException late) {
      counters.deadlineMissed.increment();
      breaker.missed();
      throw new UnavailableException("did not answer within " + deadlineMillis + " ms", late);
    } catch (ServiceErrorException refusal) {
      // The service is there and answers: what it could not do for this question, it may do for the next.
      throw new UnavailableException("could not answer: " + refusal.getMessage(), refusal);
    } catch (UnsendableException unsendable) {
      throw new UnavailableException("cannot be asked: " + unsendable.getMessage(), unsendable);
    } catch (IOException failure) {
      breaker.missed();
      throw new UnavailableException("cannot be reached: " + failure.getMessage(), failure);
    }
  }

  private Answer askUntil(Question question, PathPermissions permissions, Deadline deadline) throws IOException {
    while (true) {
      ServiceConnection connection = pool.lend(deadline);
      boolean fresh = !connection.isWelcomed();
      boolean usable = false;
      try {
        Answer answer = connection.ask(question, permissions, deadline);
        usable = true;
        return answer;
      } catch (ServiceErrorException refusal) {
        usable = !refusal.endsConnection;
        throw refusal;
      } catch (DeadlineException | WireException | UnsendableException failure) {
        throw failure;
      } catch (IOException broken) {
        // A connection that lay idle may have died with the service before; only a fresh one speaks for this service.
        if (fresh) {
          throw broken;
        }
      } finally {
        if (usable) {
          pool.giveBack(connection);
        } else {
          pool.discard(connection);
        }
      }
    }
  }
}
