package authorizer.spark

import java.nio.charset.StandardCharsets.UTF_8
import java.security.MessageDigest
import java.util.concurrent.{LinkedBlockingQueue, RejectedExecutionException, ThreadPoolExecutor, TimeUnit}

import scala.util.control.NonFatal

import org.apache.spark.internal.Logging
import org.apache.spark.sql.execution.{FileSourceScanExec, QueryExecution, SparkPlan}
import org.apache.spark.sql.execution.adaptive.{AdaptiveSparkPlanExec, QueryStageExec}
import org.apache.spark.sql.util.QueryExecutionListener

/**
 * Tells the service what queries over tables that policies know have read, for its audit.
 *
 * It is the session's word, and comes after the query: what may be read was recorded before, with the look-up.
 */
final class QueryReports(authority: Authority, relations: Relations, application: String) extends QueryExecutionListener with Logging {
  private val sender = new ThreadPoolExecutor(
    1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue[Runnable](QueryReports.mostWaiting), { task: Runnable =>
      val thread = new Thread(task, "authorizer-reports")
      thread.setDaemon(true)
      thread
    })
  sender.allowCoreThreadTimeOut(true)

  override def onSuccess(function: String, query: QueryExecution, nanoseconds: Long): Unit = report(query)

  override def onFailure(function: String, query: QueryExecution, error: Exception): Unit = report(query)

  /** Never in the way of the session. */
  private def report(query: QueryExecution): Unit =
    try {
      val markers = Relations.in(query.analyzed).collect { case marker: Governed => marker }
      if (markers.nonEmpty) {
        val columns = read(query.executedPlan).distinct.groupBy(_._1)
        val tables = markers.map { marker =>
          val paths = relations.source(marker.raw.relation).toSeq.map(_.paths)
          marker.ruling -> paths.flatMap(columns.getOrElse(_, Nil)).map(_._2)
        }
        val text = query.logical.origin.sqlText
        sender.execute(() => send(tables.distinct, text))
      }
    } catch {
      case _: RejectedExecutionException => logWarning("a query is not in the audit as such: too many reports wait")
      case NonFatal(error) => logWarning(s"a query is not in the audit as such: ${error.getMessage}")
    }

  private def send(tables: Seq[(Ruling, Seq[String])], text: Option[String]): Unit =
    try {
      val request = ServiceConnection.mapper.createObjectNode
      request.put("principal", tables.head._1.principal).put("application", application)
      request.put("policyVersion", tables.map(_._1.policyVersion).max)
      text.foreach(words => request.put("textHash", QueryReports.hash(words)))
      request.putArray("grants")
      val list = request.putArray("tables")
      for ((ruling, columns) <- tables.take(QueryReports.mostTables)) {
        val table = list.addObject().put("dataSource", ruling.dataSources.head)
        val (names, masks, filters) = (table.putArray("columns"), table.putArray("masks"), table.putArray("filters"))
        columns.foreach(name => names.add(name))
        ruling.masks.map(_.policy).distinct.foreach(name => masks.add(name))
        ruling.filters.map(_.policy).distinct.foreach(name => filters.add(name))
      }
      authority.report(request)
    } catch {
      case NonFatal(error) => logWarning(s"a query is not in the audit as such: ${error.getMessage}")
    }

  /** The columns that scans read, each with the paths of its relation. */
  private def read(plan: SparkPlan): Seq[(Seq[String], String)] = plan match {
    case adaptive: AdaptiveSparkPlanExec => read(adaptive.executedPlan)
    case stage: QueryStageExec => read(stage.plan)
    case scan: FileSourceScanExec =>
      relations.source(scan).toSeq.flatMap(source => scan.output.map(column => source.paths -> column.name))
    case other => (other.children ++ other.subqueries).flatMap(read)
  }
}

object QueryReports {
  private val mostWaiting = 1000
  private val mostTables = 256

  def hash(text: String): String =
    MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)).map(byte => f"$byte%02x").mkString
}
