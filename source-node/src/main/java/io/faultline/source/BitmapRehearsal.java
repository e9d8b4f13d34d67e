package io.faultline.source;

import io.faultline.memory.PageBitmap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs what goes over whole bitmaps while the VM is paused, before it is: that is called once, and
 * a JVM would interpret it, some 3 ms for 8 GiB.
 */
final class BitmapRehearsal {
  private static final int PAGES = 1 << 12;

  /** A JVM compiles what it has called some hundred times (HotSpot: Tier3InvocationThreshold). */
  private static final int ROUNDS = 400;

  private static final AtomicBoolean DONE = new AtomicBoolean();

  private BitmapRehearsal() {}

  /** Once in a JVM: its compiled code serves every migration. */
  static void run() {
    if (DONE.getAndSet(true)) {
      return;
    }
    PageBitmap one = new PageBitmap(PAGES);
    PageBitmap other = new PageBitmap(PAGES);
    for (int round = 0; round < ROUNDS; round++) {
      one.clear(0, PAGES);
      one.setAll();
      other.or(one);
      one.clear(other);
      other.takeInto(one);
    }
  }
}
