package org.apache.spark.sql.authorizer

import org.apache.spark.sql.catalyst.catalog.CatalogTable
import org.apache.spark.sql.connector.catalog.{Table, V1Table}

/** A table of the session's own catalog, as commands hold it. In Spark's package because only there it has a name. */
object SessionTable {
  def unapply(table: Table): Option[CatalogTable] = table match {
    case known: V1Table => Some(known.v1Table)
    case _ => None
  }
}
