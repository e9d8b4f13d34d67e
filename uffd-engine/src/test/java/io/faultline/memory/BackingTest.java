package io.faultline.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.PageSize;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class BackingTest {
  private static final Path FILE = Path.of("/dev/shm/ram");

  @Test
  void unnamedBackingOfAFileHasItsPageSize() {
    assertThat(Backing.file(FILE, PageSize.BASE).unnamed()).isEqualTo(Backing.SHMEM);
    assertThat(Backing.file(FILE, PageSize.HUGE_2M).unnamed()).isEqualTo(Backing.HUGETLB_2M);
    assertThat(Backing.file(FILE, PageSize.HUGE_1G).unnamed()).isEqualTo(Backing.HUGETLB_1G);
  }

  @Test
  void unnamedBackingsStayTheSame() {
    assertThat(Backing.ANONYMOUS.unnamed()).isEqualTo(Backing.ANONYMOUS);
    assertThat(Backing.HUGETLB_2M.unnamed()).isEqualTo(Backing.HUGETLB_2M);
  }
}
