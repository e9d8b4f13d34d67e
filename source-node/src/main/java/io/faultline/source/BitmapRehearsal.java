package io.faultline.source;

import io.faultline.memory.PageBitmap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Rehearses the operations on whole bitmaps that run while the VM is paused. They run once per
 * migration, so without this the JVM would interpret them, which takes some 3 ms for 8 GiB.
 */
final class BitmapRehearsal {
  private static final int PAGES = 1 << 12;

  /** The JVM compiles a method after some hundred calls (HotSpot: Tier3InvocationThreshold). */
  private static final int ROUNDS = 400;

  private static final AtomicBoolean DONE = new AtomicBoolean();

  private BitmapRehearsal() {}

  /** Runs once per JVM: the compiled code serves every migration. */
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
