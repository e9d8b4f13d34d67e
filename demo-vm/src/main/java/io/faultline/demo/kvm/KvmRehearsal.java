package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Pauses, saves, loads and starts a VM of a few pages several times before a real VM is paused. In
 * a new JVM, reading the device state takes 300 ms the first time, 8 ms the second time and 1 ms
 * from then on; without a rehearsal that would be part of the downtime.
 */
public final class KvmRehearsal {
  private static final int PAGES = 16;
  private static final int ROUNDS = 4;
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private KvmRehearsal() {}

  /** Rehearses both sides of a switchover; takes some hundreds of milliseconds in a new JVM. */
  public static void run(KvmHost host) {
    for (int round = 0; round < ROUNDS; round++) {
      runOnce(host);
    }
  }

  private static void runOnce(KvmHost host) {
    long ramBytes = PAGES * host.kernel().pageSizeBytes(PageSize.BASE);
    KvmVmConfig config =
        KvmVmConfig.of(SimulatedVmConfig.of(ramBytes, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1));
    try (KvmVm source = host.create(config, line -> {});
        KvmVm destination = host.prepare(config, host.profile(), Backing.ANONYMOUS, line -> {})) {
      source.start();
      source.pause();
      ByteString state = source.state();
      for (int id = 0; id < source.regions().size(); id++) {
        destination
            .regions()
            .get(id)
            .guest()
            .data()
            .copyFrom(source.regions().get(id).guest().data());
      }
      destination.makeReady();
      destination.loadState(state, 0);
      CountDownLatch started = new CountDownLatch(1);
      destination.start(nanoTime -> started.countDown());
      if (!started.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("a vCPU did not start within " + LIMIT);
      }
      destination.pause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
