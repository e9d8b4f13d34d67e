package io.faultline.paging;

import java.io.IOException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Watches for calls of stores that do not return: they are reported, and threads that wait for
 * another thread's call stop to wait. A thread that is in the call itself cannot be helped.
 * Thread-safe.
 */
final class StoreWatch {
  private static final int ROUNDS = 256;

  private final CopyOnWriteArrayList<StoreCall> calls = new CopyOnWriteArrayList<>();
  private final long patienceNanos;

  StoreWatch(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  void add(StoreCall call) {
    calls.add(call);
  }

  void remove(StoreCall call) {
    calls.remove(call);
  }

  /** Reports calls that have not returned for too long. */
  void check(PagerContext pager) {
    long before = System.nanoTime() - patienceNanos;
    for (int i = 0; i < calls.size(); i++) {
      StoreCall call = at(i);
      if (call != null && call.isOlder(before, null)) {
        call.report(pager);
      }
    }
  }

  private @Nullable StoreCall at(int i) {
    try {
      return calls.get(i);
    } catch (IndexOutOfBoundsException e) { // forgotten meanwhile
      return null;
    }
  }

  /**
   * Called in a loop that waits for pages of a region.
   *
   * @param round how often the caller has waited
   * @throws IOException if a call of its store has not returned for too long
   */
  void requireResponsive(Region region, int round) throws IOException {
    if (round % ROUNDS == ROUNDS - 1 && isHung(region)) {
      throw new IOException(
          "its store, " + region.store + ", has not returned from a call for too long");
    }
  }

  /**
   * Waits until no call of a region is in progress.
   *
   * @throws IOException if one does not return for too long
   */
  void awaitReturn(Region region, Pause pause) throws IOException {
    for (int round = 0; isCalled(region); round++) {
      requireResponsive(region, round);
      pause.round(round);
    }
  }

  private boolean isCalled(Region region) {
    for (StoreCall call : calls) {
      if (call.isOf(region)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a call of a region, or if null of any, has not returned for too long. */
  boolean isHung(@Nullable Region region) {
    long before = System.nanoTime() - patienceNanos;
    for (StoreCall call : calls) {
      if (call.isOlder(before, region)) {
        return true;
      }
    }
    return false;
  }
}
