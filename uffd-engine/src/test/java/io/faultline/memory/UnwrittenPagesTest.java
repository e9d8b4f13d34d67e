package io.faultline.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A look for zeros gives no memory to the holes of a sparse file. */
@Tag("alone") // takes huge pages of this machine
class UnwrittenPagesTest {
  private static final long PAGE = 4096;

  private final Kernel kernel = TestKernels.linux();

  @Test
  void holesOfATmpfsFileStayHoles() throws Exception {
    Path directory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(directory), "no tmpfs at /dev/shm");
    Path file = directory.resolve("faultline-sparse-" + ProcessHandle.current().pid());
    check(Backing.file(file, PageSize.BASE), PAGE);
  }

  /** The file system is asked only about pages that were not written when the file was opened. */
  @Test
  void dataOfATmpfsFileThatWasWrittenBeforeIsSeen() throws Exception {
    Path directory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(directory), "no tmpfs at /dev/shm");
    Path file = directory.resolve("faultline-written-" + ProcessHandle.current().pid());
    Backing backing = Backing.file(file, PageSize.BASE);
    long stretch = 2L << 20;
    try (MemoryRegion before = MemoryRegion.map(kernel, 0, "ram", backing, 3 * stretch)) {
      before.transfer().data().asSlice(0, stretch + PAGE).fill((byte) 7);
      before.transfer().data().asSlice(3 * PAGE, PAGE).fill((byte) 0);
      try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", backing, 3 * stretch)) {
        long blocks = blocks(file);
        for (long page = 0; page < 3 * stretch / PAGE; page++) {
          boolean zero = page == 3 || page > stretch / PAGE;
          assertThat(region.isZero(page * PAGE, PAGE)).as("page %d", page).isEqualTo(zero);
        }
        assertThat(blocks(file)).isEqualTo(blocks);
        before.transfer().data().asSlice(2 * stretch, PAGE).fill((byte) 7);
        assertThat(region.isZero(2 * stretch, PAGE)).as("written meanwhile").isFalse();
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Test
  void holesOfAHugetlbfsFileStayHoles() throws Exception {
    try (AutoCloseable _ = TestKernels.hugePages(kernel, PageSize.HUGE_2M, 8)) {
      Path mount = Files.createTempDirectory("faultline-huge");
      boolean mounted = run("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", mount) == 0;
      try {
        assumeTrue(mounted, "cannot mount a hugetlbfs here");
        check(Backing.file(mount.resolve("ram"), PageSize.HUGE_2M), 2L << 20);
      } finally {
        if (mounted) {
          assertThat(run("umount", mount)).isZero();
        }
        Files.delete(mount);
      }
    }
  }

  /** Of 8 pages, page 3 has data at its end, page 5 was written with zeros. */
  private void check(Backing backing, long pageBytes) throws Exception {
    Path file = Objects.requireNonNull(backing.path());
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", backing, 8 * pageBytes)) {
      region.transfer().data().set(JAVA_LONG, 4 * pageBytes - Long.BYTES, 1);
      region.transfer().data().set(JAVA_LONG, 5 * pageBytes, 0);
      long blocks = blocks(file);
      for (long page = 0; page < 8; page++) {
        assertThat(region.isZero(page * pageBytes, pageBytes)).isEqualTo(page != 3);
      }
      assertThat(region.isZero(6 * pageBytes, 2 * pageBytes)).isTrue();
      assertThat(region.isZero(3 * pageBytes, PAGE)).isEqualTo(pageBytes > PAGE);
      assertThat(blocks(file)).isEqualTo(blocks);
      region.transfer().data().set(JAVA_LONG, 7 * pageBytes, 7);
      assertThat(region.isZero(7 * pageBytes, pageBytes)).as("written meanwhile").isFalse();
      assertThat(blocks(file)).isGreaterThan(blocks);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static long blocks(Path file) throws IOException, InterruptedException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    String text = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(stat.waitFor()).isZero();
    return Long.parseLong(text.strip());
  }

  private static int run(Object... command) throws IOException, InterruptedException {
    String[] words = Arrays.stream(command).map(Object::toString).toArray(String[]::new);
    return new ProcessBuilder(words).inheritIO().start().waitFor();
  }
}
