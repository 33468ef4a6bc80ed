package authorizer.spark

import org.junit.Test
import org.junit.Assert.{assertEquals, assertTrue}

/** How very much is asked about. */
class SparkCommandsTest {
  private def source(paths: Int, length: Int, name: Int = 0): Source =
    Source((1 to paths).map(number => s"/$name/${"p" * length}$number"), "parquet", None)

  private def sizes(sources: Seq[Source]): Seq[Int] = {
    val questions = SparkCommands.questions(sources)
    assertEquals(sources, questions.flatten)
    questions.map(_.length)
  }

  @Test def nothingIsNotAsked(): Unit = assertEquals(Nil, sizes(Nil))

  @Test def fewAreAskedAtOnce(): Unit = assertEquals(Seq(100), sizes((1 to 100).map(source(1, 60, _))))

  @Test def manyRelationsAreAskedInTurns(): Unit =
    assertEquals(Seq(1000, 1000, 500), sizes((1 to 2500).map(source(1, 5, _))))

  @Test def longNamesAreAskedInTurns(): Unit = {
    val questions = sizes((1 to 10).map(source(512, 100, _)))
    assertTrue(questions.length > 1)
    assertEquals(10, questions.sum)
  }

  @Test def whatIsTooLongByItselfIsAskedByItself(): Unit =
    assertEquals(Seq(1, 1, 1), sizes(Seq(source(1, 9), source(512, 4000), source(1, 9))))
}
