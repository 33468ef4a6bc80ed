package authorizer.spark

import scala.annotation.tailrec

import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.Path

/**
 * What a relation reads, as the service is asked about it.
 *
 * @param paths as HDFS names them, without scheme and host; one at least, ascending
 */
final case class Source(paths: Seq[String], format: String, table: Option[String])

object Source {
  /** As many as one look-up may have for a relation, or fewer. */
  private val mostPaths = 512
  private val ofHDFS = Set("hdfs", "webhdfs", "swebhdfs", "viewfs")

  /** @return `None` if none of the paths is in a file system that policies are about */
  def apply(
      paths: Iterable[Path], format: String, table: Option[String], settings: AuthorizerSettings, conf: => Configuration
  ): Option[Source] = {
    val governed = paths.flatMap(path(_, settings, conf)).toSeq.distinct
    if (governed.isEmpty) None else Some(Source(fewer(governed).sorted, format, table))
  }

  /**
   * In the place of very many paths the directories in which they are: what holds for all that is in a directory holds for
   * them, and where a table lies in it, it is refused.
   */
  @tailrec
  private def fewer(paths: Seq[String]): Seq[String] =
    if (paths.length <= mostPaths) paths
    else fewer(paths.map(path => path.substring(0, math.max(1, path.lastIndexOf('/')))).distinct)

  /**
   * The host is left out: the same file has many names by hosts and addresses, and one service speaks for one cluster.
   */
  private def path(path: Path, settings: AuthorizerSettings, conf: => Configuration): Option[String] = {
    // Making a configuration takes longer than all else here: whole names need none.
    lazy val system = path.getFileSystem(conf)
    val scheme = Option(path.toUri.getScheme).getOrElse(system.getUri.getScheme)
    // A scheme that policies are not about may be of no file system at all.
    if (!ofHDFS(scheme) && !settings.schemes(scheme)) return None
    val resolved = scheme match {
      case "viewfs" => system.resolvePath(path)
      case "file" => new Path(real(path.toUri.getPath))
      case _ => path
    }
    val name = (if (resolved.isUriPathAbsolute) resolved else system.makeQualified(resolved)).toUri.getPath
    if (name == "/.reserved" || name.startsWith("/.reserved/"))
      throw Refusal(s"`$name`", "names of HDFS's own cannot be told from the data sources behind them (bad-path)")
    Some(name)
  }

  /** Through symbolic links, as far as there is something. */
  private def real(name: String): String = {
    val path = java.nio.file.Paths.get(name)
    try path.toRealPath().toString
    catch {
      case _: java.io.IOException =>
        val parent = path.getParent
        if (parent == null) name else real(parent.toString).stripSuffix("/") + "/" + path.getFileName
    }
  }
}
