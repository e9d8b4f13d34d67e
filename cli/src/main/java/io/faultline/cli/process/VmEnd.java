package io.faultline.cli.process;

import io.faultline.demo.vm.HostedVm;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Waits until a VM has done its {@code --ops}. How long that takes is the user's choice, so that
 * there is no limit for it; but a VM that does nothing at all for some minutes never ends.
 */
public final class VmEnd {
  private static final Duration FIRST_REMARK = Duration.ofSeconds(5);
  private static final Duration NEXT_REMARK = Duration.ofSeconds(30);

  /** Far more than the slowest {@code --pace} and the slowest machine need for one operation. */
  private static final Duration STALL = Duration.ofMinutes(5);

  private VmEnd() {}

  /**
   * Waits for the end.
   *
   * @param remarks gets a line with the operations done, after 5 s and then every 30 s
   * @throws IllegalStateException if no operation was done for five minutes, or a vCPU has failed
   */
  public static void await(HostedVm vm, Consumer<String> remarks) throws InterruptedException {
    await(vm, remarks, FIRST_REMARK, NEXT_REMARK, STALL);
  }

  static void await(
      HostedVm vm, Consumer<String> remarks, Duration first, Duration next, Duration stall)
      throws InterruptedException {
    long done = operations(vm);
    long progressNanos = System.nanoTime();
    Duration wait = first;
    for (long from = progressNanos; !vm.awaitFinished(wait); from = System.nanoTime()) {
      if (System.nanoTime() - from < wait.toNanos()) {
        throw new IllegalStateException("the VM was stopped before it had done its operations");
      }
      wait = next;
      long now = operations(vm);
      if (now != done) {
        done = now;
        progressNanos = System.nanoTime();
      } else if (System.nanoTime() - progressNanos > stall.toNanos()) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "the VM has done no operation for %d s: it stopped at %,d",
                stall.toSeconds(),
                done));
      }
      remarks.accept(
          String.format(Locale.ROOT, "waiting for the VM to end: %,d operations so far", done));
    }
  }

  private static long operations(HostedVm vm) {
    return Arrays.stream(vm.opsDone()).sum();
  }
}
