package io.faultline.restore.frozen;

/** Gets lines for the user. Called on any thread. */
@FunctionalInterface
public interface SourceLog {
  /** Something that the user should know. */
  void warning(String line);

  /** What happens as it should. */
  default void info(String line) {
    warning(line);
  }
}
