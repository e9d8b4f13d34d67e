package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Poisoning of lost pages, on the simulated kernel. */
final class LostPagesTest {
  private static final int PAGES = 16;

  @Test
  void onlyMissingPagesArePoisoned() {
    Kernel kernel = new SimulatedKernel();
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
        Userfaultfd userfaultfd = kernel.openUserfaultfd(OpenOptions.of())) {
      userfaultfd.register(ram.guest().address(), ram.sizeBytes(), Set.of(RegisterMode.MISSING));
      PageBitmap received = new PageBitmap(PAGES);
      received.set(0, 3);
      received.set(7, 8);
      LostPages lost =
          new LostPages(List.of(ram), new ReceivedSnapshot(new PageBitmap[] {received}));
      assertThat(lost.count()).isEqualTo(PAGES - 4);
      lost.poison(userfaultfd);
      for (int page = 0; page < PAGES; page++) {
        long again = userfaultfd.poison(ram.guest().address(page * 4096L), 4096, FillMode.WAKE);
        assertThat(FillResult.errno(again))
            .as("page %d", page)
            .isEqualTo(received.get(page) ? 0 : Errno.EEXIST);
      }
    }
  }

  @Test
  void zerosInPlaceOfALostPageArePoisonedToo() {
    Kernel kernel = new SimulatedKernel();
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, PAGES * 4096);
        Userfaultfd userfaultfd = kernel.openUserfaultfd(OpenOptions.of(Feature.MISSING_SHMEM))) {
      userfaultfd.register(ram.guest().address(), ram.sizeBytes(), Set.of(RegisterMode.MISSING));
      PageBitmap received = new PageBitmap(PAGES);
      received.set(0, 3);
      LostPages lost =
          new LostPages(List.of(ram), new ReceivedSnapshot(new PageBitmap[] {received}));
      for (int page = 0; page < 6; page++) {
        userfaultfd.zeroPage(ram.guest().address(page * 4096L), 4096, FillMode.WAKE);
      }
      lost.poisonInPlaceOfZeros(kernel, userfaultfd);
      for (int page = 0; page < PAGES; page++) {
        long address = ram.guest().address(page * 4096L);
        if (received.get(page)) {
          assertThat(kernel.guestLoad(address)).as("page %d", page).isZero();
        } else {
          assertThatThrownBy(() -> kernel.guestLoad(address))
              .as("page %d", page)
              .isInstanceOf(MemoryErrorException.class);
        }
      }
    }
  }
}
