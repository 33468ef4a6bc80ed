package authorizer.spark

/**
 * Copies of case classes of Spark that get another field now and then: one jar is for several releases, and `copy` has as
 * many parameters as the class had in the release that the jar was compiled with.
 */
object Copies {
  /**
   * @param more what `copy` takes besides the fields
   * @param plain the same, as the compiler has it
   */
  def of[T <: Product](value: T, changes: (String, Any)*)(more: AnyRef*)(plain: => T): T =
    try plain
    catch { case missing: NoSuchMethodError => byNames(value, changes.toMap, more, missing) }

  private def byNames[T <: Product](value: T, changes: Map[String, Any], more: Seq[AnyRef], missing: Error): T = {
    val arity = value.productArity
    val copy = value.getClass.getMethods
      .find(method => method.getName == "copy" && method.getParameterCount == arity + more.length).getOrElse(throw missing)
    // Of Scala 2.13, for which there are several such releases.
    val name = value.getClass.getMethod("productElementName", Integer.TYPE)
    val names = (0 until arity).map(index => name.invoke(value, Int.box(index)))
    if (!changes.keys.forall(names.contains)) throw missing
    val fields = names.zipWithIndex.map { case (name, index) =>
      changes.getOrElse(name.toString, value.productElement(index)).asInstanceOf[AnyRef]
    }
    copy.invoke(value, fields ++ more: _*).asInstanceOf[T]
  }
}
