package io.faultline.cli.snapshot;

import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Notes when a VM with a number of operations has done them, which may be before all of its memory
 * is there. Waits in a thread of its own, until then or until {@link #close}.
 */
final class WorkloadWatch implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(100);

  private final AnyIncomingVm vm;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("workload-watch").unstarted(this::run);
  private volatile boolean closed;
  private volatile OptionalLong ended = OptionalLong.empty();

  WorkloadWatch(AnyIncomingVm vm) {
    this.vm = vm;
  }

  /** The VM runs. */
  void start() {
    thread.start();
  }

  private void run() {
    HostedVm running = vm.vm().orElseThrow();
    if (running.programs().opsPerVcpu() == 0) {
      return;
    }
    try {
      boolean finished;
      do {
        finished = running.awaitFinished(STEP);
        ended = finished ? OptionalLong.of(System.nanoTime()) : OptionalLong.empty();
      } while (!finished && !closed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // A vCPU has failed, which the result says.
    }
  }

  /** By {@link System#nanoTime}; empty if it has not ended, or has no end. */
  OptionalLong endedNanos() {
    return ended;
  }

  /** Ends the thread, within a moment; the VM may be closed after that. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
