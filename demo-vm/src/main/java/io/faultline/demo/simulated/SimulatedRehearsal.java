package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Pauses, saves, loads and starts a VM of a few pages before a real VM is paused: these steps take
 * milliseconds longer the first time in a JVM, which would be part of the downtime.
 */
public final class SimulatedRehearsal {
  private static final int PAGES = 16;
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private SimulatedRehearsal() {}

  /** Rehearses both sides of a switchover; takes some tens of milliseconds in a new JVM. */
  public static void run(Kernel kernel) {
    long ramBytes = PAGES * kernel.pageSizeBytes(PageSize.BASE);
    SimulatedVmConfig config =
        SimulatedVmConfig.of(ramBytes, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1);
    try (SimulatedVm source = SimulatedVm.create(kernel, config);
        SimulatedVm destination = SimulatedVm.create(kernel, config)) {
      source.start();
      source.pause();
      ByteString state = source.state();
      destination.loadState(state, 0);
      CountDownLatch started = new CountDownLatch(1);
      destination.start(nanoTime -> started.countDown());
      if (!started.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("a vCPU did not start within " + LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
