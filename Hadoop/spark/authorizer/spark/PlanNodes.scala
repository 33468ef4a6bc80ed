package authorizer.spark

import java.nio.charset.StandardCharsets.UTF_8

import scala.io.Source.fromInputStream

import org.apache.spark.SPARK_VERSION

/**
 * What is known of the classes that can stand in a plan of this Spark: `Hadoop/spark/nodes` has a list of all of them for
 * each release, and says what becomes of each. What is in no list is not understood, and refused over tables of which
 * something is hidden.
 */
object PlanNodes {
  private lazy val treatments: Map[String, String] = of(SPARK_VERSION)

  /** @throws IllegalStateException in a Spark that this jar has no list for: nothing is to begin there */
  def check(): Unit = treatments

  /** Whether a node of a plan, or an expression with a plan in it, shows no more than what is below it. */
  def isSeenThrough(node: AnyRef): Boolean = node match {
    case _: Governed => true
    case other => treatments.get(other.getClass.getName).exists(seenThrough)
  }

  def isKnown(node: AnyRef): Boolean = treatments.contains(node.getClass.getName)

  /** Whether a command shows names and types only, or changes what HDFS's own permissions and the catalog are about. */
  def isHarmless(command: AnyRef): Boolean = treatments.get(command.getClass.getName).contains("harmless")

  /**
   * The list of a release, or of another release of the same line: `3.5.8` for `3.5.2`. A class that only one of them has
   * is refused in the other.
   *
   * @throws IllegalStateException where there is none
   */
  private[spark] def of(version: String): Map[String, String] = {
    val known = lines("plan-nodes")
    val list = known.find(line(_) == line(version)).getOrElse(throw new IllegalStateException(
      s"authorizer: this jar is for Spark ${known.mkString(" and ")}, and this is Spark $version, whose plans it does not " +
        "know: nothing would be filtered or masked for sure. Take the jar for this Spark, or a Spark that this jar is for"))
    lines(s"plan-nodes-$list").filterNot(_.startsWith("#")).map { line =>
      val Array(treatment, name) = line.split(' ')
      name -> treatment
    }.toMap
  }

  private def line(version: String): Seq[String] = version.split('.').take(2).toSeq

  private def lines(name: String): Seq[String] =
    Option(getClass.getResourceAsStream(name)).fold(Seq.empty[String]) { stream =>
      val source = fromInputStream(stream, UTF_8.name)
      try source.getLines().filterNot(_.isEmpty).toList
      finally source.close()
    }

  private val seenThrough = Set("operator", "leaf", "relation", "unresolved", "expression")
}
