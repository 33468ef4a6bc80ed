package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.hadoop.conf.Configuration

/**
 * What a relation reads, as the service is asked about it.
 *
 * @param paths as HDFS names them, without scheme and host; one at least, ascending
 */
final case class Source(paths: Seq[String], format: String, table: Option[String])

object Source {
  private val ofHDFS = Set("hdfs", "webhdfs", "swebhdfs", "viewfs")

  /** @return `None` if none of the paths is in a file system that policies are about */
  def apply(
      paths: Iterable[Path], format: String, table: Option[String], settings: AuthorizerSettings, conf: Configuration
  ): Option[Source] = {
    val governed = paths.flatMap(path(_, settings, conf)).toSeq.distinct.sorted
    if (governed.isEmpty) None else Some(Source(governed, format, table))
  }

  /**
   * The host is left out: the same file has many names by hosts and addresses, and one service speaks for one cluster.
   */
  private def path(path: Path, settings: AuthorizerSettings, conf: Configuration): Option[String] = {
    // A scheme that policies are not about may be of no file system at all.
    if (Option(path.toUri.getScheme).exists(said => !ofHDFS(said) && !settings.schemes(said))) return None
    val system = path.getFileSystem(conf)
    val scheme = Option(path.toUri.getScheme).getOrElse(system.getUri.getScheme)
    val resolved = scheme match {
      case "viewfs" => system.resolvePath(path)
      case "file" if settings.schemes("file") => new Path(real(path.toUri.getPath))
      case known if ofHDFS(known) || settings.schemes(known) => path
      case _ => return None
    }
    val name = system.makeQualified(resolved).toUri.getPath
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
