package org.apache.spark.sql.authorizer

import org.apache.spark.QueryContext
import org.apache.spark.sql.AnalysisException

/** In Spark's package because only there an exception with words of one's own can be made. */
object CleanMessage {
  def apply(words: String): AnalysisException =
    new AnalysisException(words, None, None, None, None, Map.empty[String, String], Array.empty[QueryContext])
}
