package io.faultline.tests.process;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Both ends of a migration, of which the source may have several processes. Thread-safe. */
final class BothEnds {
  private static final int KILLED = 128 + 9;

  private final Node dest;
  private volatile @Nullable Node source;

  BothEnds(Node dest) {
    this.dest = dest;
  }

  /** What takes the place of a source that was killed. */
  interface Resume {
    /** Starts it; empty where there is nothing to take up. */
    Optional<Node> start() throws IOException, InterruptedException;
  }

  Node dest() {
    return dest;
  }

  /** The last of them. */
  Node source() {
    return Objects.requireNonNull(source, "not started");
  }

  void source(Node next) {
    source = next;
  }

  /**
   * Waits for the end of the last source; returns its exit code, 0 where it was killed behind it.
   */
  int awaitSource(Resume resume) throws IOException, InterruptedException {
    while (true) {
      int exit = source().await(Node.LIMIT);
      if (exit != KILLED) {
        return exit;
      }
      Optional<Node> next = resume.start();
      if (next.isEmpty()) {
        return 0;
      }
      source = next.get();
    }
  }

  @Override
  public String toString() {
    return "source: " + source + "; dest: " + dest;
  }
}
