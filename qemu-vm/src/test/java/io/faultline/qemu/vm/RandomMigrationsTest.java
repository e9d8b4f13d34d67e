package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Random migrations of small guests: each guest is right at its end, and nothing is left in QEMU,
 * in this JVM or in the file systems. Prints a seed for each guest; {@code -Dfaultline.seed=N}
 * begins with that one.
 */
@Timeout(1800)
class RandomMigrationsTest {
  private static final long SEED = Long.getLong("faultline.seed", System.nanoTime());

  /** 100 in the profile nightly. */
  private static final int MIGRATIONS = Integer.getInteger("faultline.qemu.migrations", 6);

  private static final int MAX_OF_ONE_GUEST = 5;
  private static final int MAX_RAM_PAGES = 14;
  private static final long RAM_PAGE_BYTES = 2 << 20;

  /** Two threads may place one page at the same time, and the kernel allocates it twice then. */
  private static final long SPARE_BYTES = 1 << 20;

  private static final int OPERATIONS_OF_ONE = 1_200_000;

  /** The JDK keeps one for ever, once it has closed a channel that a thread waited for. */
  private static final int SPARE_SOCKETS = 1;

  /** The executor is Netty's, and ends by itself when it had nothing to do for a second. */
  private static final Pattern OF_LIBRARIES_AND_THE_TEST =
      Pattern.compile("(process reaper|ForkJoinPool|awaitility|junit|globalEventExecutor).*");

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();
  private final LinuxKernel kernel = new LinuxKernel();

  @Test
  void guestsAreRightAndNothingIsLeft() throws Exception {
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "needs WP_ASYNC (Linux 6.7)");
    guest(SEED, 1); // opens what stays open until this JVM ends
    List<String> files = filesHere();
    long sockets = socketsHere();
    List<String> threads = threads();
    long seed = SEED;
    for (int done = 0; done < MIGRATIONS; ) {
      done += guest(seed++, MIGRATIONS - done);
    }
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              assertThat(added(threads, threads())).as("new threads here").isEmpty();
              assertThat(added(files, filesHere())).as("new open files here").isEmpty();
              assertThat(socketsHere())
                  .as("sockets here")
                  .isLessThanOrEqualTo(sockets + SPARE_SOCKETS);
            });
  }

  /** Returns the number of its migrations. */
  private int guest(long seed, int most) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    int migrations = Math.min(most, random.nextInt(1, MAX_OF_ONE_GUEST + 1));
    long ramBytes = random.nextLong(1, MAX_RAM_PAGES + 1) * RAM_PAGE_BYTES;
    boolean huge = random.nextBoolean();
    List<Path> programs = StockQemu.programs().toList();
    Path program = programs.get(random.nextInt(programs.size()));
    ProgramGuest guest =
        new ProgramGuest(kernel, ramBytes, (long) migrations * OPERATIONS_OF_ONE, 0.5);
    long bytesOfTwo = 2 * guest.memoryBytes();
    try (HugePageLoan pages =
        huge
            ? HugePageLoan.borrow(kernel, PageSize.HUGE_2M, bytesOfTwo / RAM_PAGE_BYTES)
            : HugePageLoan.none()) {
      boolean inHugePages = huge && pages.shortage().isEmpty();
      System.out.printf(
          "seed %d: %d MiB%s, %s%n",
          seed,
          guest.memoryBytes() >> 20,
          inHugePages ? " in huge pages" : "",
          program.getName(program.getNameCount() - 3));
      try (RamFileSystem rams = mount(inHugePages, bytesOfTwo)) {
        try (MovedGuest moved = new MovedGuest(kernel, program, directory.path(), rams, guest)) {
          for (int i = 0; i < migrations; i++) {
            RandomMigration plan = RandomMigration.of(random);
            System.out.printf("  %s: ", plan);
            System.out.println(moved.migrate(plan) ? "moved" : "stayed");
          }
          moved.verify();
        }
        assertThat(rams.files()).isEmpty();
        assertThat(rams.usedBytes()).as("memory of deleted files").isZero();
      }
    }
    assertNoFiles();
    return migrations;
  }

  private RamFileSystem mount(boolean huge, long bytes) throws Exception {
    try {
      Path at = directory.file("ram");
      return huge
          ? RamFileSystem.mount(at, "hugetlbfs", bytes)
          : RamFileSystem.mount(at, "tmpfs", bytes + SPARE_BYTES);
    } catch (IOException e) {
      assumeTrue(false, "needs to mount a file system: " + e.getMessage());
      throw e;
    }
  }

  private void assertNoFiles() throws IOException {
    Files.deleteIfExists(directory.file("guest.rom"));
    try (Stream<Path> left = Files.list(directory.path())) {
      assertThat(left).isEmpty();
    }
  }

  /** Without sockets, and without pipes to programs that have ended, which the JDK closes later. */
  private static List<String> filesHere() throws IOException {
    return OpenFiles.of(ProcessHandle.current().pid()).stream()
        .filter(each -> !each.equals("socket") && !each.equals("pipe"))
        .toList();
  }

  private static long socketsHere() throws IOException {
    return OpenFiles.of(ProcessHandle.current().pid()).stream().filter("socket"::equals).count();
  }

  /** What was there before may have ended since. */
  private static List<String> added(List<String> before, List<String> now) {
    List<String> added = new ArrayList<>(now);
    before.forEach(added::remove);
    return added;
  }

  /** Those that Faultline could have left. */
  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !OF_LIBRARIES_AND_THE_TEST.matcher(name).matches())
        .sorted()
        .toList();
  }
}
