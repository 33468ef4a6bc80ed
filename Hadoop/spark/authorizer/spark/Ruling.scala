package authorizer.spark

import java.util.Base64

import scala.collection.JavaConverters._

import com.fasterxml.jackson.databind.JsonNode

/** What the service says of one relation. */
final class Ruling private (
    val principal: String,
    val isGoverned: Boolean,
    val policyVersion: Long,
    val id: String,
    val dataSources: Seq[String],
    val decision: String,
    val reason: String,
    val message: String,
    val contact: String,
    val needsGrant: Boolean,
    val format: Option[Ruling.Format],
    val schema: Seq[Ruling.Column],
    val filters: Seq[Ruling.Filter],
    val masks: Seq[Ruling.Mask]) {

  def isDenied: Boolean = isGoverned && decision != "allow" && decision != "native"

  /** Whether a table is read that policies know: only those get a marker. */
  def isMarked: Boolean = isGoverned && decision == "allow" && needsGrant

  /** Whether anything is hidden. */
  def isRestricted: Boolean = isMarked && (filters.nonEmpty || masks.nonEmpty)

  def names: String = Refusal.names(dataSources)

  /** Why it is denied, in the words of the service, which name the data sources or do not. */
  def denial: Exception = Refusal.inWords(denialWords)

  def denialWords: String =
    if (message.isEmpty) s"$names: $reason" else if (dataSources.exists(message.contains(_))) message else s"$names: $message"

  def refusal(why: String): Exception = Refusal(names, why, contact)

  /** Plans are compared by this: the same decision is the same, whenever it was made. */
  override def equals(other: Any): Boolean = other match {
    case ruling: Ruling => principal == ruling.principal && id == ruling.id
    case _ => false
  }

  override def hashCode: Int = (principal, id).hashCode

  override def toString: String = s"${dataSources.mkString(", ")} for $principal, decision ${id.take(8)}"
}

object Ruling {
  final case class Column(name: String, `type`: String)

  final case class Format(name: String, options: Map[String, String])

  final case class Filter(policy: String, condition: JsonNode)

  /** @param salt in no text: see [[Salt]] */
  final class Mask(
      val column: String,
      val policy: String,
      val method: String,
      val value: String,
      val replacement: String,
      val salt: Option[Salt],
      val expression: Option[JsonNode],
      val when: Option[JsonNode])

  /** The rulings of an answer to a look-up, in the order in which they were asked. */
  def all(answer: JsonNode): Seq[Ruling] = {
    val principal = answer.required("principal").asText
    val isGoverned = answer.required("isGoverned").booleanValue
    val version = answer.required("policyVersion").longValue
    elements(answer.required("relations")).map { node =>
      new Ruling(
        principal, isGoverned, version, node.required("id").asText, elements(node.required("dataSources")).map(_.asText),
        node.required("decision").asText, node.required("reason").asText, text(node, "message"), text(node, "contact"),
        node.required("needsGrant").booleanValue, Option(node.get("format")).map(format),
        Option(node.get("schema")).toSeq.flatMap(elements)
          .map(column => Column(column.required("name").asText, column.required("type").asText)),
        elements(node.required("filters"))
          .map(filter => Filter(filter.required("policy").asText, filter.required("condition"))),
        elements(node.required("masks")).map(mask))
    }
  }

  private def format(node: JsonNode) = {
    val options = node.required("options").fields.asScala.map(entry => entry.getKey -> entry.getValue.asText)
    Format(node.required("name").asText, options.toMap)
  }

  private def mask(node: JsonNode) =
    new Mask(
      node.required("column").asText, node.required("policy").asText, node.required("method").asText,
      text(node, "value"), text(node, "replacement"),
      Option(node.get("salt")).map(salt => new Salt(Base64.getDecoder.decode(salt.asText))),
      Option(node.get("expression")), Option(node.get("when")))

  private[spark] def elements(node: JsonNode): Seq[JsonNode] = node.elements.asScala.toList

  private def text(node: JsonNode, field: String): String = Option(node.get(field)).fold("")(_.asText)
}
