package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What waits for memory on one loop. Never blocks the loop: a timer tries again, at first after 100
 * ms, then at growing intervals up to a second. Confined to that loop.
 */
final class MemoryRetries implements MemoryWaits {
  private static final long FIRST_DELAY_MILLIS = 100;
  private static final long LONGEST_DELAY_MILLIS = 1000;

  private final IoEventLoop loop;
  private final MemoryShortage shortage;
  private final Consumer<RuntimeException> onFailure;
  private final List<MemoryWaiter> waiting = new ArrayList<>();
  private long delayMillis;
  private boolean scheduled;

  /**
   * @param onFailure gets what a retry throws: the kernel refuses a page for another reason
   */
  MemoryRetries(IoEventLoop loop, MemoryShortage shortage, Consumer<RuntimeException> onFailure) {
    this.loop = loop;
    this.shortage = shortage;
    this.onFailure = onFailure;
  }

  @Override
  public void add(MemoryWaiter waiter, MemoryRegion region, long offset) {
    if (waiting.contains(waiter)) {
      return;
    }
    if (waiting.isEmpty()) {
      delayMillis = FIRST_DELAY_MILLIS;
      shortage.begins(region, offset);
    }
    waiting.add(waiter);
    schedule();
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      loop.schedule(this::retryAll, delayMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void retryAll() {
    scheduled = false;
    try {
      for (MemoryWaiter each : List.copyOf(waiting)) { // one that goes on may have to wait again
        if (each.retry()) {
          waiting.remove(each);
        }
      }
    } catch (RuntimeException e) {
      waiting.clear();
      onFailure.accept(e);
    }
    if (waiting.isEmpty()) {
      shortage.ends();
    } else {
      delayMillis = Math.min(2 * delayMillis, LONGEST_DELAY_MILLIS);
      schedule();
    }
  }
}
