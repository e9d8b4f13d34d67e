package io.faultline.uffd.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real threads: vCPUs, a fault reader that only reads, and a thread that places every page once.
 */
@Timeout(120)
class SimulatedStressTest {
  private static final int PAGES = 128;
  private static final int ROUNDS = 150;
  private static final int PATIENCE_SECONDS = 20;

  private final long seed = System.nanoTime();
  private final Bench bench = new Bench();
  private final long source = bench.buffer(PAGES, 1);

  @Test
  void nobodySleepsOnInAnonymousMemory() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      race(MapRequest.anonymous(PAGES * Bench.PAGE, PageSize.BASE), round);
    }
  }

  @Test
  void nobodySleepsOnInSharedMemory() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (MemoryFile file = bench.shmem(PAGES)) {
        race(MapRequest.sharedFile(file), round);
      }
    }
  }

  @Test
  void nobodySleepsOnInAPrivateFile() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (MemoryFile file = bench.shmem(PAGES)) {
        race(MapRequest.privateFile(file), round);
      }
    }
  }

  private void race(MapRequest request, int round) throws Exception {
    long address = bench.kernel.map(request);
    AtomicBoolean over = new AtomicBoolean();
    try (Userfaultfd uffd = bench.open()) {
      uffd.register(address, request.lengthBytes(), Set.of(RegisterMode.MISSING));
      List<CompletableFuture<Long>> vcpus = new ArrayList<>();
      for (int vcpu = 0; vcpu < 3; vcpu++) {
        Random random = new Random(seed + 31L * round + vcpu);
        vcpus.add(Bench.start(() -> touch(address, random)));
      }
      CompletableFuture<Boolean> reader = Bench.start(() -> readOnly(uffd, over));
      place(uffd, address, new Random(seed + round));
      for (CompletableFuture<Long> vcpu : vcpus) {
        await(vcpu, uffd, round);
      }
      over.set(true);
      Bench.outcome(reader);
    }
    bench.kernel.unmap(address, request.lengthBytes());
  }

  private long touch(long address, Random random) {
    for (int i = 0; i < PAGES; i++) {
      int page = random.nextInt(PAGES);
      long value = bench.kernel.guestLoad(address + page * Bench.PAGE);
      if (value != page + 1) {
        throw new AssertionError("page " + page + " holds " + value + ", seed " + seed);
      }
    }
    return 0;
  }

  private static boolean readOnly(Userfaultfd uffd, AtomicBoolean over) {
    EventBuffer events = new EventBuffer(4);
    while (!over.get()) {
      if (uffd.read(events) == 0) {
        Thread.onSpinWait();
      }
    }
    return true;
  }

  /** Places every page once, in random order, and some of them twice. */
  private void place(Userfaultfd uffd, long address, Random random) {
    List<Integer> order = new ArrayList<>();
    for (int page = 0; page < PAGES; page++) {
      order.add(page);
    }
    Collections.shuffle(order, random);
    for (int page : order) {
      long at = page * Bench.PAGE;
      long result = uffd.copy(address + at, source + at, Bench.PAGE, FillMode.WAKE);
      assertThat(FillResult.isComplete(result)).as("seed %d", seed).isTrue();
      if (random.nextInt(4) == 0) {
        long again = uffd.copy(address + at, source + at, Bench.PAGE, FillMode.WAKE);
        assertThat(FillResult.errno(again)).isEqualTo(Errno.EEXIST);
      }
    }
  }

  private void await(CompletableFuture<Long> vcpu, Userfaultfd uffd, int round) throws Exception {
    try {
      vcpu.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      String queues = SimulatedKernel.describe(uffd);
      throw new AssertionError(
          "a vCPU sleeps on, seed " + seed + ", round " + round + ": " + queues, e);
    }
  }
}
