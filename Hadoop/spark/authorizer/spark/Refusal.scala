package authorizer.spark

import org.apache.spark.sql.authorizer.CleanMessage

/** A query that is not carried out: `AnalysisException`, which all of Spark's languages show as a message, not a stack. */
object Refusal {

  /**
   * @param what the data sources concerned, or a path
   * @param why in words, with the machine-readable reason
   * @param contact whom to ask; empty for nobody
   */
  def apply(what: String, why: String, contact: String = ""): Exception = {
    val ask = if (contact.isEmpty) "ask who keeps the policies of this cluster" else s"ask $contact"
    CleanMessage(s"authorizer: $what: $why; $ask")
  }

  /** One whose words say everything, whom to ask too. */
  def inWords(words: String): Exception = CleanMessage(s"authorizer: $words")

  def names(dataSources: Seq[String]): String =
    if (dataSources.isEmpty) "this path" else dataSources.map(name => s"data source `$name`").mkString(" and ")
}
