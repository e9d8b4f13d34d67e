package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DescriptorLeakTest {
  @BeforeEach
  void requireLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
  }

  @Test
  void openingAndClosingLeaksNoDescriptor() throws IOException {
    Kernel kernel = new LinuxKernel();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    long before = descriptors();
    for (int i = 0; i < 20; i++) {
      Userfaultfd uffd = kernel.openUserfaultfd(OpenOptions.of());
      uffd.close();
      uffd.close();
      kernel.openPagemap().close();
      assertThat(kernel.supportedFeatures()).isNotEmpty();
    }
    assertThat(descriptors()).isEqualTo(before);
  }

  @Test
  void refusedRegistrationNamesTheCallItsArgumentsAndTheErrno() {
    Kernel kernel = new LinuxKernel();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    try (Userfaultfd uffd = kernel.openUserfaultfd(OpenOptions.of())) {
      assertThatThrownBy(() -> uffd.register(0x1000, 100, Set.of()))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("UFFDIO_REGISTER(address=0x1000, length=100, mode=[])")
          .hasMessageContaining("EINVAL");
    }
  }

  @Test
  void pagemapReportsPresentPages() {
    Kernel kernel = new LinuxKernel();
    long page = kernel.pageSizeBytes(PageSize.BASE);
    long address = kernel.map(MapRequest.anonymous(2 * page, PageSize.BASE));
    try (Pagemap pagemap = kernel.openPagemap()) {
      kernel.advise(address, 2 * page, Advice.NO_HUGE_PAGE);
      kernel.guestStore(address + page, 7);
      assertThat(pagemap.isPresent(address)).isFalse();
      assertThat(pagemap.isPresent(address + page)).isTrue();
    } finally {
      kernel.unmap(address, 2 * page);
    }
  }

  private static long descriptors() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files
          .map(Path::toString)
          .map(DescriptorLeakTest::target)
          .filter(t -> t.contains("userfaultfd") || t.endsWith("pagemap"))
          .count();
    }
  }

  private static String target(String link) {
    try {
      return Files.readSymbolicLink(Path.of(link)).toString();
    } catch (IOException e) {
      return ""; // closed after the directory was listed: not leaked
    }
  }
}
