package authorizer.spark

import java.security.PrivilegedExceptionAction
import java.util.concurrent.{ExecutionException, FutureTask, TimeUnit, TimeoutException}

import authorizer.grant.TicketProof
import org.apache.hadoop.security.UserGroupInformation
import org.ietf.jgss.GSSException

/**
 * Kerberos tickets for the service, by which it knows the application where the uid of the driver says too little. They
 * are got by the application's own login: its ticket cache, or the keytab that Spark was given.
 */
object Tickets {
  /** @throws RefusedException where the application has no ticket, or gets none for the service */
  def prove(servicePrincipal: String, challenge: Array[Byte], deadline: Deadline): Proof = {
    val login = UserGroupInformation.getLoginUser
    // The KDC keeps no deadline of ours.
    val task = new FutureTask[TicketProof](() =>
      try make(login, servicePrincipal, challenge)
      catch {
        // The ticket cache, or what the keytab gave, may have ended and been renewed since.
        case _: GSSException =>
          relogin(login)
          make(login, servicePrincipal, challenge)
      })
    val thread = new Thread(task, "authorizer-ticket")
    thread.setDaemon(true)
    thread.start()
    try new Proof(servicePrincipal, task.get(deadline.millisecondsLeft, TimeUnit.MILLISECONDS))
    catch {
      case _: TimeoutException =>
        task.cancel(true)
        throw new UnavailableException(s"no Kerberos ticket for $servicePrincipal came in time; is the KDC there?")
      case error: ExecutionException =>
        throw new RefusedException(
          s"no Kerberos ticket of ${login.getUserName} for $servicePrincipal: ${error.getCause.getMessage}")
    }
  }

  /** A ticket on its way. */
  final class Proof private[Tickets] (servicePrincipal: String, proof: TicketProof) {
    def token: Array[Byte] = proof.token

    /** @throws RefusedException where what came is not of the service */
    def finish(proven: Array[Byte]): Unit =
      try proof.finish(proven)
      catch {
        case error: GSSException =>
          throw new RefusedException(s"whoever answers has not proved to be $servicePrincipal: ${error.getMessage}")
      }
  }

  private def make(login: UserGroupInformation, servicePrincipal: String, challenge: Array[Byte]): TicketProof =
    try login.doAs(new PrivilegedExceptionAction[TicketProof] {
      override def run(): TicketProof = new TicketProof(servicePrincipal, challenge)
    })
    catch {
      // What `doAs` makes of an exception that it does not know.
      case error: java.lang.reflect.UndeclaredThrowableException if error.getCause.isInstanceOf[GSSException] =>
        throw error.getCause
    }

  private def relogin(login: UserGroupInformation): Unit =
    if (login.isFromKeytab) login.reloginFromKeytab() else login.reloginFromTicketCache()
}
