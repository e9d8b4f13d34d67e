package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.linux.LinuxKernel;
import org.junit.jupiter.api.Test;

class QemuKernelTest {
  private static final long PAGE_BYTES = 4096;

  private final LinuxKernel machine = new LinuxKernel();

  /** Else pages that precopy brought would be mapped one by one, by the guest's faults. */
  @Test
  void transferMappingsAreInThePageTableOfThisProcessAndGuestMappingsInThatOfTheOther()
      throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    Kernel kernel =
        new QemuKernel(
            machine,
            Math.toIntExact(other.pid()),
            _ -> {
              throw new UnsupportedOperationException();
            });
    long address = kernel.map(MapRequest.anonymous(PAGE_BYTES, PageSize.BASE));
    try (Pagemap transfer = kernel.openTransferPagemap();
        Pagemap guest = kernel.openPagemap()) {
      assertThat(transfer.isPresent(address)).isFalse();
      kernel.guestStore(address, 1);
      assertThat(transfer.isPresent(address)).isTrue();
      assertThat(guest.isPresent(address)).isFalse();
    } finally {
      kernel.unmap(address, PAGE_BYTES);
      other.destroyForcibly();
    }
  }
}
