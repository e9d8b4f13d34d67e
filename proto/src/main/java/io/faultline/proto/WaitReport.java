package io.faultline.proto;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to print that a node waits for its peer: after 5 s, after 30 s, and then every 5
 * minutes. Waits of the same kind that follow each other are reported at most every 25 s. Reads no
 * clock. Confined to one thread, which calls it regularly.
 */
public final class WaitReport {
  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long SAME_KIND_NANOS = SECOND_NANOS - FIRST_NANOS;

  private @Nullable PeerWait current;
  private long dueAfterNanos;
  private @Nullable PeerWait printed;
  private long printedNanos;

  /**
   * Returns the wait if a line about it is due now; otherwise null.
   *
   * @param wait what the node waits for; null for nothing
   */
  public @Nullable PeerWait due(@Nullable PeerWait wait, long nowNanos) {
    if (wait == null) {
      current = null;
      return null;
    }
    if (current == null || !isSame(current, wait)) {
      dueAfterNanos = FIRST_NANOS;
    }
    current = wait;
    boolean early =
        printed != null
            && printed.what().equals(wait.what())
            && nowNanos - printedNanos < SAME_KIND_NANOS;
    if (early || nowNanos - wait.sinceNanos() < dueAfterNanos) {
      return null;
    }
    dueAfterNanos =
        nowNanos - wait.sinceNanos() < SECOND_NANOS
            ? SECOND_NANOS
            : nowNanos - wait.sinceNanos() + REPEAT_NANOS;
    printed = wait;
    printedNanos = nowNanos;
    return wait;
  }

  private static boolean isSame(PeerWait one, PeerWait other) {
    return one.sinceNanos() == other.sinceNanos() && one.what().equals(other.what());
  }
}
