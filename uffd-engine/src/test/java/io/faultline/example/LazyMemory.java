package io.faultline.example;

import static io.faultline.uffd.RegisterMode.MISSING;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/** Memory whose pages are created on first touch: page n contains the number n. */
final class LazyMemory {
  static long touch(Kernel kernel, int page) {
    long pageBytes = kernel.pageSizeBytes(PageSize.BASE);
    long address = kernel.map(MapRequest.anonymous(64 * pageBytes, PageSize.BASE));
    try (Userfaultfd uffd = kernel.openUserfaultfd(OpenOptions.of().blocking())) {
      uffd.register(address, 64 * pageBytes, Set.of(MISSING));
      Thread.ofPlatform().daemon().start(() -> resolve(uffd, address, pageBytes));
      return kernel.guestLoad(address + page * pageBytes); // sleeps until the page is present
    } finally {
      kernel.unmap(address, 64 * pageBytes);
    }
  }

  private static void resolve(Userfaultfd uffd, long base, long pageBytes) {
    EventBuffer events = new EventBuffer(16);
    try (Arena arena = Arena.ofConfined()) {
      var content = arena.allocate(pageBytes, 8);
      for (int i = 0, n = uffd.read(events); i < n; i++) {
        content.set(ValueLayout.JAVA_LONG, 0, (events.address(i) - base) / pageBytes);
        uffd.copy(events.address(i), content.address(), pageBytes, FillMode.WAKE);
      }
    }
  }
}
