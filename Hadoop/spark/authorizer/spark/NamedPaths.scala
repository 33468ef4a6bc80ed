package authorizer.spark

import java.lang.reflect.{Field, Modifier}
import java.net.URI
import java.util.{IdentityHashMap, Locale}

import scala.collection.JavaConverters._
import scala.util.control.NonFatal

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.catalyst.trees.TreeNode
import org.apache.spark.sql.types.DataType

/**
 * The paths that something which nobody knows names in its fields, whatever they are called: relations and nodes of
 * libraries keep them as plain strings, in options, lists, and objects of their own.
 *
 * What looks like a path is taken for one. It is asked about then, and nothing comes of it where it is not protected.
 */
object NamedPaths {
  def in(value: Any): Seq[Path] = {
    val found = Seq.newBuilder[Path]
    val top = value match {
      // Of a node its fields, and not what it reads: that is in the plan by itself.
      case node: TreeNode[_] => node.productIterator.toList
      case other => other
    }
    walk(top, deepest, new IdentityHashMap[AnyRef, AnyRef], path => found += path)
    found.result().distinct
  }

  private def walk(value: Any, depth: Int, seen: IdentityHashMap[AnyRef, AnyRef], add: Path => Unit): Unit = {
    def into(inner: Any): Unit = walk(inner, depth - 1, seen, add)
    value match {
      case null | _: DataType | _: TreeNode[_] =>
      case text: String => texts(text).filter(looksLikePath).flatMap(path).foreach(add)
      case path: Path => add(above(path))
      case uri: URI => add(above(new Path(uri)))
      case file: java.io.File => add(new Path(file.toURI))
      case file: java.nio.file.Path => add(new Path(file.toUri))
      case (key: String, text: String) =>
        if (keys(key.toLowerCase(Locale.ROOT))) texts(text).flatMap(path).foreach(add) else into(text)
      case other: AnyRef if depth > 0 && seen.size < mostValues && seen.put(other, other) == null =>
        other match {
          case Some(inner) => into(inner)
          case several: Iterable[_] => several.iterator.take(mostValues).foreach(into)
          case several: java.util.Map[_, _] => several.asScala.iterator.take(mostValues).foreach(into)
          case several: java.lang.Iterable[_] => several.asScala.iterator.take(mostValues).foreach(into)
          case several: Array[AnyRef] => several.foreach(into)
          case several: Product =>
            several.productIterator.foreach(into)
            fields(other, depth).foreach(into)
          case _ => fields(other, depth).foreach(into)
        }
      case _ =>
    }
  }

  /** Of what is asked about itself, and of objects of libraries: others are what everybody has, such as sessions. */
  private def fields(value: AnyRef, depth: Int): Seq[Any] =
    Iterator.iterate[Class[_]](value.getClass)(_.getSuperclass)
      .takeWhile(level => level != null && (depth == deepest || !foreign.exists(level.getName.startsWith)))
      .flatMap(_.getDeclaredFields).filterNot(field => Modifier.isStatic(field.getModifiers)).flatMap(read(value, _)).toList

  private def read(value: AnyRef, field: Field): Option[Any] =
    try {
      field.setAccessible(true)
      Option(field.get(value))
    } catch { case NonFatal(_) => None }

  /** One text may name several: `a,b` as Hadoop has it, `["a","b"]` as Spark has it. */
  private def texts(text: String): Seq[String] = {
    val words = text.trim
    val inJson =
      if (!words.startsWith("[")) Nil
      else try ServiceConnection.mapper.readTree(words).elements.asScala.filter(_.isTextual).map(_.asText).toList
      catch { case NonFatal(_) => Nil }
    (words +: (inJson ++ words.split(',').map(_.trim))).filter(_.nonEmpty).distinct
  }

  private def looksLikePath(text: String): Boolean = text.startsWith("/") && text.length > 1 || schemed.pattern.matcher(text).lookingAt

  private def path(text: String): Option[Path] =
    try Some(above(new Path(text)))
    catch { case _: IllegalArgumentException => None }

  /** Of a pattern, the directory in which all is that it fits. */
  private def above(path: Path): Path =
    Iterator.iterate(path)(_.getParent).takeWhile(_ != null).filter(hasPattern).toList.lastOption
      .fold(path)(first => Option(first.getParent).getOrElse(new Path("/")))

  private def hasPattern(path: Path): Boolean = path.getName.exists(character => "*?[{".indexOf(character) >= 0)

  /** Whether a path may stand for several. */
  def isPattern(path: Path): Boolean = Iterator.iterate(path)(_.getParent).takeWhile(_ != null).exists(hasPattern)

  private val keys = Set("path", "paths", "basepath", "location", "dir", "directory", "file", "files")
  private val schemed = "[A-Za-z][A-Za-z0-9+.-]*:/".r
  private val foreign = Seq(
    "java.", "javax.", "jdk.", "sun.", "scala.", "org.apache.hadoop.", "org.apache.spark.", "com.fasterxml.", "org.slf4j.")
  private val deepest = 5
  private val mostValues = 10000
}
