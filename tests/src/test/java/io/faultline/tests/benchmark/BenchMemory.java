package io.faultline.tests.benchmark;

import io.faultline.uffd.Advice;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.Arena;
import java.util.Set;

/** Registered memory of the benchmarks on the real kernel, and what fills it. */
final class BenchMemory {
  private static final long SMALL_BYTES = 1 << 20;
  private static final long SOURCE_BYTES = 2 << 20;

  private final Kernel kernel = new LinuxKernel();
  private final Userfaultfd uffd = kernel.openUserfaultfd(OpenOptions.of());
  private final EventBuffer events = new EventBuffer(16);
  private final Arena arena = Arena.ofShared();
  private final long source = arena.allocate(SOURCE_BYTES, 4096).fill((byte) 7).address();
  private final long lengthBytes;
  private final long target;
  private final long movable;
  private final long shared;

  BenchMemory(long lengthBytes) {
    this.lengthBytes = lengthBytes;
    this.target = anonymous(lengthBytes);
    this.movable = anonymous(SMALL_BYTES);
    try (MemoryFile file = kernel.createFile("benchmark", SMALL_BYTES, PageSize.BASE)) {
      this.shared = kernel.map(MapRequest.sharedFile(file));
    }
    touch(shared);
    uffd.register(target, lengthBytes, Set.of(RegisterMode.MISSING));
    uffd.register(shared, SMALL_BYTES, Set.of(RegisterMode.MINOR));
  }

  Userfaultfd uffd() {
    return uffd;
  }

  EventBuffer events() {
    return events;
  }

  long source() {
    return source;
  }

  long target(long offsetBytes) {
    return target + offsetBytes;
  }

  long movable(long offsetBytes) {
    return movable + offsetBytes;
  }

  long shared(long offsetBytes) {
    return shared + offsetBytes;
  }

  /** Makes everything as it was: targets missing, sources there. */
  void drop() {
    kernel.advise(target, lengthBytes, Advice.DONT_NEED);
    kernel.advise(shared, SMALL_BYTES, Advice.DONT_NEED);
    touch(movable);
  }

  void close() {
    uffd.close();
    kernel.unmap(target, lengthBytes);
    kernel.unmap(movable, SMALL_BYTES);
    kernel.unmap(shared, SMALL_BYTES);
    arena.close();
  }

  private long anonymous(long bytes) {
    long address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
    kernel.advise(address, bytes, Advice.NO_HUGE_PAGE);
    return address;
  }

  private void touch(long address) {
    for (long offset = 0; offset < SMALL_BYTES; offset += 4096) {
      kernel.guestStore(address + offset, 1);
    }
  }
}
