package io.faultline.uffd.simulated;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A simulated kernel with memory, and threads that may sleep in faults. */
final class KernelFixture implements AutoCloseable {
  static final long PAGE = 4096;
  private static final int LIMIT_SECONDS = 60;

  final SimulatedKernel kernel;
  private final Arena arena = Arena.ofShared();

  KernelFixture() {
    this(SimulatedOptions.DEFAULT);
  }

  KernelFixture(SimulatedOptions options) {
    kernel = new SimulatedKernel(options);
  }

  Userfaultfd open(Feature... features) {
    return kernel.openUserfaultfd(OpenOptions.of(features));
  }

  long anonymous(int pages) {
    return kernel.map(MapRequest.anonymous(pages * PAGE, PageSize.BASE));
  }

  MemoryFile shmem(int pages) {
    return kernel.createFile("test", pages * PAGE, PageSize.BASE);
  }

  long mapped(Userfaultfd uffd, int pages, RegisterMode... modes) {
    long address = anonymous(pages);
    uffd.register(address, pages * PAGE, Set.of(modes));
    return address;
  }

  /** A buffer of pages whose first words are {@code stamp}, {@code stamp + 1} and so on. */
  long buffer(int pages, long stamp) {
    MemorySegment buffer = arena.allocate(pages * PAGE, PAGE);
    for (int page = 0; page < pages; page++) {
      buffer.set(JAVA_LONG, page * PAGE, stamp + page);
    }
    return buffer.address();
  }

  CompletableFuture<Long> load(long address) {
    return start(() -> kernel.guestLoad(address));
  }

  CompletableFuture<Boolean> store(long address, long value) {
    return start(
        () -> {
          kernel.guestStore(address, value);
          return true;
        });
  }

  static <T> CompletableFuture<T> start(Callable<T> body) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                result.complete(body.call());
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    return result;
  }

  static <T> T result(CompletableFuture<T> future) throws Exception {
    return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Reads until at least one event arrives. */
  static EventBuffer next(Userfaultfd uffd) throws InterruptedException {
    EventBuffer events = new EventBuffer(16);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (uffd.read(events) == 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no event arrives");
      }
      Thread.sleep(1);
    }
    return events;
  }

  @Override
  public void close() {
    arena.close();
  }
}
