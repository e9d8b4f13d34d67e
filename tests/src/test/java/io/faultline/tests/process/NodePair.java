package io.faultline.tests.process;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The nodes of a migration; the source may be resumed by another process. Thread-safe. */
final class NodePair {
  private static final int KILLED = 128 + 9;

  private final Node dest;
  private volatile @Nullable Node source;

  NodePair(Node dest) {
    this.dest = dest;
  }

  /** Resumes a source that was killed. */
  interface Resume {
    /** Starts the next process of the source; empty if there is nothing to resume. */
    Optional<Node> start() throws IOException, InterruptedException;
  }

  Node dest() {
    return dest;
  }

  /** The latest process of the source. */
  Node source() {
    return Objects.requireNonNull(source, "not started");
  }

  void source(Node next) {
    source = next;
  }

  /**
   * Waits until the source ends, and resumes it when it was killed; returns the last exit code, or
   * 0 if it was killed after the migration had completed.
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
