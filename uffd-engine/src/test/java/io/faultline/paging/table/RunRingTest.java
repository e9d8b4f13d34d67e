package io.faultline.paging.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class RunRingTest {
  @Test
  void runKeepsItsParts() {
    long run = Run.of(Run.MAX_REGIONS - 1, Run.MAX_REGION_PAGES - 1, Run.MAX_PAGES);
    assertThat(run).isPositive();
    assertThat(Run.region(run)).isEqualTo(Run.MAX_REGIONS - 1);
    assertThat(Run.first(run)).isEqualTo(Run.MAX_REGION_PAGES - 1);
    assertThat(Run.count(run)).isEqualTo(Run.MAX_PAGES);
    assertThat(Run.of(0, 0, 1)).isZero();
  }

  @Test
  void runsLeaveInOrderAndAFullRingRefuses() {
    RunRing ring = new RunRing(5);
    assertThat(ring.capacity()).isEqualTo(8);
    for (int round = 0; round < 5; round++) {
      assertThat(ring.poll()).isEqualTo(RunRing.EMPTY);
      for (int i = 0; i < 8; i++) {
        assertThat(ring.offer(Run.of(0, i, 1))).isTrue();
      }
      assertThat(ring.offer(Run.of(0, 9, 1))).isFalse();
      assertThat(ring.size()).isEqualTo(8);
      for (int i = 0; i < 8; i++) {
        assertThat(Run.first(ring.poll())).isEqualTo(i);
      }
    }
  }

  @Test
  void producersAndConsumersLoseNothing() throws InterruptedException {
    RunRing ring = new RunRing(16);
    int perThread = 50_000;
    AtomicLong sum = new AtomicLong();
    AtomicLong taken = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int first = i * perThread;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = first; n < first + perThread; n++) {
                      while (!ring.offer(Run.of(1, n, 1))) {
                        LockSupport.parkNanos(1_000);
                      }
                    }
                  }));
    }
    for (int i = 0; i < 2; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (taken.get() < 3L * perThread) {
                      long run = ring.poll();
                      if (run == RunRing.EMPTY) {
                        LockSupport.parkNanos(1_000);
                      } else {
                        taken.incrementAndGet();
                        sum.addAndGet(Run.first(run));
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long count = 3L * perThread;
    assertThat(sum).hasValue(count * (count - 1) / 2);
  }
}
