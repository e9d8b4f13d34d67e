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
 * Races on real threads: vCPUs, a fault reader that only reads, and a thread that places every page
 * once.
 */
@Timeout(120)
class SimulatedStressTest {
  private static final int PAGES = 128;
  private static final int ROUNDS = 150;
  private static final int LIMIT_SECONDS = 60;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final KernelFixture fixture = new KernelFixture();
  private final long source = fixture.buffer(PAGES, 1);

  @Test
  void noWakeUpIsLostInAnonymousMemory() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      race(MapRequest.anonymous(PAGES * KernelFixture.PAGE, PageSize.BASE), round);
    }
  }

  @Test
  void noWakeUpIsLostInSharedMemory() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (MemoryFile file = fixture.shmem(PAGES)) {
        race(MapRequest.sharedFile(file), round);
      }
    }
  }

  @Test
  void noWakeUpIsLostInAPrivateFile() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (MemoryFile file = fixture.shmem(PAGES)) {
        race(MapRequest.privateFile(file), round);
      }
    }
  }

  private void race(MapRequest request, int round) throws Exception {
    long address = fixture.kernel.map(request);
    AtomicBoolean over = new AtomicBoolean();
    try (Userfaultfd uffd = fixture.open()) {
      uffd.register(address, request.lengthBytes(), Set.of(RegisterMode.MISSING));
      List<CompletableFuture<Long>> vcpus = new ArrayList<>();
      for (int vcpu = 0; vcpu < 3; vcpu++) {
        Random random = new Random(seed + 31L * round + vcpu);
        vcpus.add(KernelFixture.start(() -> touch(address, random)));
      }
      CompletableFuture<Boolean> reader = KernelFixture.start(() -> readOnly(uffd, over));
      place(uffd, address, new Random(seed + round));
      for (CompletableFuture<Long> vcpu : vcpus) {
        await(vcpu, uffd, round);
      }
      over.set(true);
      KernelFixture.result(reader);
    }
    fixture.kernel.unmap(address, request.lengthBytes());
  }

  private long touch(long address, Random random) {
    for (int i = 0; i < PAGES; i++) {
      int page = random.nextInt(PAGES);
      long value = fixture.kernel.guestLoad(address + page * KernelFixture.PAGE);
      if (value != page + 1) {
        throw new AssertionError("page " + page + " contains " + value + ", seed " + seed);
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

  /** Places every page in random order, and some of them twice. */
  private void place(Userfaultfd uffd, long address, Random random) {
    List<Integer> order = new ArrayList<>();
    for (int page = 0; page < PAGES; page++) {
      order.add(page);
    }
    Collections.shuffle(order, random);
    for (int page : order) {
      long at = page * KernelFixture.PAGE;
      long result = uffd.copy(address + at, source + at, KernelFixture.PAGE, FillMode.WAKE);
      assertThat(FillResult.isComplete(result)).as("seed %d", seed).isTrue();
      if (random.nextInt(4) == 0) {
        long again = uffd.copy(address + at, source + at, KernelFixture.PAGE, FillMode.WAKE);
        assertThat(FillResult.errno(again)).isEqualTo(Errno.EEXIST);
      }
    }
  }

  private void await(CompletableFuture<Long> vcpu, Userfaultfd uffd, int round) throws Exception {
    try {
      vcpu.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      String queues = SimulatedKernel.describe(uffd);
      throw new AssertionError(
          "a vCPU still sleeps, seed " + seed + ", round " + round + ": " + queues, e);
    }
  }
}
