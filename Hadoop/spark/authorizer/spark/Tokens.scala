package authorizer.spark

import java.io.{ByteArrayInputStream, ByteArrayOutputStream, DataInputStream, DataOutputStream}
import java.security.PrivilegedExceptionAction

import scala.collection.JavaConverters._

import authorizer.grant.TokenHandle
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.security.{Credentials, UserGroupInformation}
import org.apache.hadoop.security.token.Token

/**
 * The delegation tokens of HDFS by which the NameNode knows an application: it shows them with every call, and a grant is
 * bound to them. They are in no configuration and in no log.
 */
object Tokens {
  private val kind = "HDFS_DELEGATION_TOKEN"

  /** Those that this process has. */
  def own: Seq[Token[_]] = of(UserGroupInformation.getCurrentUser.getCredentials)

  /** By which the service and the NameNode know a token. */
  def handle(token: Token[_], nameservice: String): String =
    TokenHandle.hex(TokenHandle.of(nameservice, token.getIdentifier))

  /** Whether this process can get tokens itself: it has a Kerberos ticket. */
  def canFetch: Boolean =
    UserGroupInformation.isSecurityEnabled && UserGroupInformation.getLoginUser.hasKerberosCredentials

  /**
   * New tokens, which nothing shows yet.
   *
   * They are got by a login of its own: a login that holds a token gets no other, and a connection that was made without
   * one goes on without it.
   */
  def fetch(conf: Configuration): Credentials = {
    val login = UserGroupInformation.getLoginUser
    val apart = UserGroupInformation.getUGIFromTicketCache(System.getenv("KRB5CCNAME"), login.getUserName)
    val credentials = new Credentials
    apart.doAs(new PrivilegedExceptionAction[Unit] {
      override def run(): Unit = {
        val system = FileSystem.newInstance(conf)
        try system.addDelegationTokens(login.getShortUserName, credentials)
        finally system.close()
      }
    })
    credentials
  }

  def of(credentials: Credentials): Seq[Token[_]] =
    credentials.getAllTokens.asScala.filter(_.getKind.toString == kind).toSeq

  /** Has this process show them from now on, in connections that are still to be made. */
  def show(credentials: Credentials): Unit = UserGroupInformation.getLoginUser.addCredentials(credentials)

  def write: Array[Byte] = {
    val credentials = new Credentials
    own.foreach(token => credentials.addToken(token.getService, token))
    val bytes = new ByteArrayOutputStream
    credentials.writeTokenStorageToStream(new DataOutputStream(bytes))
    bytes.toByteArray
  }

  /** @param user that tasks run as */
  def add(bytes: Array[Byte], user: UserGroupInformation): Unit = {
    val credentials = new Credentials
    credentials.readTokenStorageStream(new DataInputStream(new ByteArrayInputStream(bytes)))
    user.addCredentials(credentials)
  }
}
