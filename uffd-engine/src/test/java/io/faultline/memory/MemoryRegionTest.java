package io.faultline.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("alone") // takes huge pages of this machine
class MemoryRegionTest {
  private final Kernel kernel = TestKernels.linux();

  @Test
  void anonymousMemoryHasOneMappingOfZeros() {
    try (MemoryRegion region = MemoryRegion.map(kernel, 3, "ram", Backing.ANONYMOUS, 1 << 20)) {
      assertThat(ZeroPages.isZero(region.guest().dataAddress(0), 1 << 20)).isTrue();
      assertThat(region.pageCount()).isEqualTo((1 << 20) / kernel.pageSizeBytes(PageSize.BASE));
      assertThatThrownBy(region::transfer).hasMessageContaining("anonymous");
    }
  }

  @Test
  void sharedMemoryIsMappedTwice() {
    checkTwoMappings(Backing.SHMEM, 1 << 20);
  }

  @Test
  void hugePagesAreMappedTwice() throws Exception {
    try (AutoCloseable _ = TestKernels.hugePages(kernel, PageSize.HUGE_2M, 2)) {
      checkTwoMappings(Backing.HUGETLB_2M, 4 << 20);
    }
  }

  @Test
  void giganticPagesAreMappedTwice() throws Exception {
    try (AutoCloseable _ = TestKernels.hugePages(kernel, PageSize.HUGE_1G, 1)) {
      checkTwoMappings(Backing.HUGETLB_1G, 1L << 30);
    }
  }

  @Test
  void namedFileKeepsItsContentsAfterTheRegionIsClosed() throws IOException {
    Path directory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(directory), "no tmpfs at /dev/shm");
    Path path = directory.resolve("faultline-test-" + ProcessHandle.current().pid());
    Backing backing = Backing.file(path, PageSize.BASE);
    try {
      checkTwoMappings(backing, 1 << 16);
      try (MemoryRegion again = MemoryRegion.map(kernel, 0, "again", backing, 1 << 16)) {
        assertThat(again.guest().data().get(JAVA_LONG, 4096)).isEqualTo(0x5eed);
      }
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void fileOutsideAMemoryFileSystemIsRefusedAndNotCreated() throws IOException {
    Path directory = Files.createTempDirectory(Path.of("target"), "disk");
    Path path = directory.resolve("ram");
    String type = Files.getFileStore(directory).type();
    assumeTrue(!type.equals("tmpfs"), "the build directory is a tmpfs");
    Backing backing = Backing.file(path, PageSize.BASE);
    assertThatThrownBy(() -> MemoryRegion.map(kernel, 0, "ram", backing, 1 << 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/dev/shm");
    assertThat(path).doesNotExist();
  }

  @Test
  void fileOfAnotherProcessIsNeitherCreatedNorShortened() throws IOException {
    Path directory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(directory), "no tmpfs at /dev/shm");
    Path path = directory.resolve("faultline-other-" + ProcessHandle.current().pid());
    Backing backing = Backing.file(path, PageSize.BASE);
    assertThatThrownBy(
            () -> MemoryRegion.ofOtherProcess(kernel, 0, "ram", backing, 1 << 16, 1L << 40))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("ENOENT");
    assertThat(path).doesNotExist();
    try {
      Files.write(path, new byte[1 << 17]);
      try (MemoryRegion region =
          MemoryRegion.ofOtherProcess(kernel, 0, "ram", backing, 1 << 16, 1L << 40)) {
        assertThat(region.sizeBytes()).isEqualTo(1 << 16);
      }
      assertThat(Files.size(path)).isEqualTo(1 << 17);
      assertThatThrownBy(
              () -> MemoryRegion.ofOtherProcess(kernel, 0, "ram", backing, 1 << 18, 1L << 40))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("it has 131072 bytes");
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void sizeThatIsNotAMultipleOfThePageSizeIsRefused() {
    for (long size : new long[] {0, -4096, 100}) {
      assertThatThrownBy(() -> MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, size))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("region ram of " + size);
    }
  }

  @Test
  void exhaustedHugePagesNameTheCommandThatAddsThem() {
    assumeTrue(kernel.hugePagePool(PageSize.HUGE_2M).isPresent(), "no huge pages of 2 MiB");
    HugePagePool pool = kernel.hugePagePool(PageSize.HUGE_2M).orElseThrow();
    long wanted = pool.available() + 1000;
    assertThatThrownBy(
            () -> MemoryRegion.map(kernel, 0, "ram", Backing.HUGETLB_2M, wanted * (2L << 20)))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("ENOMEM")
        .hasMessageContaining(wanted + " huge pages of 2 MiB are needed")
        .hasMessageContaining("sysctl -w vm.nr_hugepages=");
  }

  @Test
  void closingLeaksNeitherDescriptorsNorMappings() throws IOException {
    openAndClose(3);
    OpenResources before = OpenResources.now();
    openAndClose(50);
    assertThat(OpenResources.now()).isEqualTo(before);
  }

  private void openAndClose(int times) {
    for (int i = 0; i < times; i++) {
      for (Backing backing : List.of(Backing.ANONYMOUS, Backing.SHMEM)) {
        MemoryRegion region = MemoryRegion.map(kernel, 0, "leak-check", backing, 1 << 16);
        region.close();
        region.close();
      }
    }
  }

  private void checkTwoMappings(Backing backing, long sizeBytes) {
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", backing, sizeBytes)) {
      assertThat(region.guest().address()).isNotEqualTo(region.transfer().address());
      region.transfer().data().set(JAVA_LONG, 4096, 0x5eed);
      assertThat(region.guest().data().get(JAVA_LONG, 4096)).isEqualTo(0x5eed);
      assertThat(region.pageBytes()).isEqualTo(kernel.pageSizeBytes(backing.pageSize()));
    }
  }
}
