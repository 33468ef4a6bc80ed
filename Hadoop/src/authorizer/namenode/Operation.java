package authorizer.namenode;

/** What a question is about. */
enum Operation {
  /** May the file's data be read? */
  READ(1),
  /** May the path be looked up although HDFS's own permissions refused it? */
  TRAVERSE(2),
  /** May a path that is covered, or holds something covered, become another? */
  MOVE(3);

  /** The number that stands for the operation on the wire. */
  final int code;

  Operation(int code) {
    this.code = code;
  }
}
