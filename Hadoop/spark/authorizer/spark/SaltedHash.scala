package authorizer.spark

import java.nio.charset.StandardCharsets.US_ASCII
import java.security.MessageDigest

import org.apache.spark.sql.catalyst.expressions.{Expression, UnaryExpression}
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback
import org.apache.spark.sql.types.{DataType, StringType}
import org.apache.spark.unsafe.types.UTF8String

/** A secret that is shown nowhere: not in a plan, an event, a log. No case class: those print what they hold. */
final class Salt(private val bytes: Array[Byte]) extends Serializable {
  def addTo(digest: MessageDigest): Unit = digest.update(bytes)

  override def equals(other: Any): Boolean = other match {
    case salt: Salt => MessageDigest.isEqual(bytes, salt.bytes)
    case _ => false
  }

  override def hashCode: Int = java.util.Arrays.hashCode(bytes)

  override def toString: String = "<salt>"
}

/** SHA-256 in hexadecimal over a salt and the UTF-8 bytes of a text. Null stays null. */
case class SaltedHash(child: Expression, salt: Salt) extends UnaryExpression with CodegenFallback {
  override def dataType: DataType = StringType

  override def prettyName: String = "salted_hash"

  override protected def stringArgs: Iterator[Any] = Iterator(child)

  override def toString: String = s"$prettyName($child)"

  override def sql: String = s"$prettyName(${child.sql})"

  override protected def nullSafeEval(value: Any): Any = {
    val digest = MessageDigest.getInstance("SHA-256")
    salt.addTo(digest)
    val hash = digest.digest(value.asInstanceOf[UTF8String].getBytes)
    val text = new Array[Byte](2 * hash.length)
    for (i <- hash.indices) {
      text(2 * i) = SaltedHash.digits((hash(i) >> 4) & 15)
      text(2 * i + 1) = SaltedHash.digits(hash(i) & 15)
    }
    UTF8String.fromBytes(text)
  }

  override protected def withNewChildInternal(child: Expression): SaltedHash = copy(child = child)
}

object SaltedHash {
  private val digits = "0123456789abcdef".getBytes(US_ASCII)
}
