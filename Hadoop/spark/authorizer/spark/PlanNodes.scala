package authorizer.spark

import java.nio.charset.StandardCharsets.UTF_8

import scala.io.Source.fromInputStream

/**
 * What is known of the classes that can stand in a plan of this Spark: all of them were looked at, one by one, and
 * `Hadoop/spark/nodes` says what came of it. What is in no list is not understood, and refused over tables of which
 * something is hidden.
 */
object PlanNodes {
  private lazy val treatments: Map[String, String] =
    Option(getClass.getResourceAsStream("plan-nodes")).fold(Map.empty[String, String]) { stream =>
      val source = fromInputStream(stream, UTF_8.name)
      try source.getLines().filterNot(line => line.isEmpty || line.startsWith("#")).map { line =>
        val Array(treatment, name) = line.split(' ')
        name -> treatment
      }.toMap
      finally source.close()
    }

  /** Whether a node of a plan, or an expression with a plan in it, shows no more than what is below it. */
  def isSeenThrough(node: AnyRef): Boolean = node match {
    case _: Governed => true
    case other => treatments.get(other.getClass.getName).exists(seenThrough)
  }

  /** Whether a command shows names and types only, or changes what HDFS's own permissions and the catalog are about. */
  def isHarmless(command: AnyRef): Boolean = treatments.get(command.getClass.getName).contains("harmless")

  private val seenThrough = Set("operator", "leaf", "relation", "unresolved", "expression")
}
