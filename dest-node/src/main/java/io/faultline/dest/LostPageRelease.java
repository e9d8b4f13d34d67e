package io.faultline.dest;

import io.faultline.dest.received.ReceivedSnapshot;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets the VM continue without the pages that will never arrive. Confined to the control loop, on
 * which it runs once.
 */
final class LostPageRelease {
  private static final int POISON_RETRY_MILLIS = 2;

  private final DestinationLoops loops;
  private final IncomingVm vm;
  private final RegisteredMemory registered;
  private @Nullable LostPagePoisoning poisoning;

  LostPageRelease(DestinationLoops loops, IncomingVm vm, RegisteredMemory registered) {
    this.loops = loops;
    this.vm = vm;
    this.registered = registered;
  }

  /** Gives the missing pages up; returns how many base pages these are. */
  long run() {
    // the bulk loop may be placing a page now
    loops.bulk().submit(registered::resetBulk).awaitUninterruptibly();
    registered.resetUrgent();
    ReceivedSnapshot now = registered.snapshot();
    LostPages lost =
        new LostPages(registered.regions().all(), now == null ? registered.presentPages() : now);
    boolean handledByVm = vm.lose(lost.byRegion());
    registered.giveUp(lost, handledByVm);
    if (handledByVm) {
      poisoning = new LostPagePoisoning(registered, lost, vm::isClearOfLost);
      poisonWhenClear(poisoning);
    }
    return lost.count();
  }

  /** Waiting vCPUs get zeros from this loop, so it must not block until they are clear. */
  private void poisonWhenClear(LostPagePoisoning of) {
    if (!of.poisonIfClear()) {
      loops
          .control()
          .schedule(() -> poisonWhenClear(of), POISON_RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Poisons the pages if the VM is clear of them, and that has not been done. */
  void poisonIfClear() {
    if (poisoning != null) {
      var _ = poisoning.poisonIfClear();
    }
  }
}
