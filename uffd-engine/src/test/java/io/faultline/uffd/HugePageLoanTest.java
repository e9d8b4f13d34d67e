package io.faultline.uffd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SimulatedOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Borrowed huge pages are available, and the pool has its old size afterwards. */
@Tag("alone") // takes huge pages of this machine
final class HugePageLoanTest {
  private static final Path POOL = HugePagePool.directory(PageSize.HUGE_2M);
  private static final int TRIES = 20;

  @Test
  void borrowedPagesCanBeMappedAndAreGivenBack() throws Exception {
    Kernel kernel = linuxWithResizablePool();
    assertPoolIsRestored(
        _ -> {
          long wanted = available(kernel, PageSize.HUGE_2M) + 3;
          long length = wanted * kernel.pageSizeBytes(PageSize.HUGE_2M);
          try (HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, wanted)) {
            assumeTrue(loan.shortage().isEmpty(), () -> loan.shortage().orElseThrow());
            assertThat(loan.borrowed()).isGreaterThanOrEqualTo(3);
            kernel.unmap(kernel.map(MapRequest.anonymous(length, PageSize.HUGE_2M)), length);
          }
        });
  }

  @Test
  void pagesInUseAreGivenBackWhenTheyAreUnmapped() throws Exception {
    Kernel kernel = linuxWithResizablePool();
    assertPoolIsRestored(
        _ -> {
          long wanted = available(kernel, PageSize.HUGE_2M) + 2;
          long length = wanted * kernel.pageSizeBytes(PageSize.HUGE_2M);
          HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, wanted);
          assumeTrue(loan.shortage().isEmpty(), () -> loan.shortage().orElseThrow());
          long address = kernel.map(MapRequest.anonymous(length, PageSize.HUGE_2M));
          kernel.guestStore(address, 7);
          loan.close();
          loan.close();
          assertThat(kernel.guestLoad(address)).as("memory in use stays").isEqualTo(7);
          kernel.unmap(address, length);
        });
  }

  @Test
  void borrowingNoPagesChangesNothing() {
    Kernel kernel = linuxWithResizablePool();
    try (HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 0)) {
      assertThat(loan.borrowed()).isZero();
      assertThat(loan.shortage()).isEmpty();
    }
  }

  /** Both borrow before either maps its pages. */
  @Test
  void borrowedPagesAreNotAvailableToTheNextBorrower() {
    Kernel kernel = linuxWithResizablePool();
    long length = 8 * kernel.pageSizeBytes(PageSize.HUGE_2M);
    try (HugePageLoan first = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 8);
        HugePageLoan second = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 8)) {
      assumeTrue(first.shortage().isEmpty(), () -> first.shortage().orElseThrow());
      assumeTrue(second.shortage().isEmpty(), () -> second.shortage().orElseThrow());
      assertThat(second.borrowed()).isGreaterThanOrEqualTo(8);
      long one = kernel.map(MapRequest.anonymous(length, PageSize.HUGE_2M));
      long two = kernel.map(MapRequest.anonymous(length, PageSize.HUGE_2M));
      kernel.unmap(one, length);
      kernel.unmap(two, length);
    }
  }

  @Test
  void moreThanTheMachineHasIsReportedAndNotTried() {
    Kernel kernel = linuxWithResizablePool();
    for (PageSize size : new PageSize[] {PageSize.HUGE_2M, PageSize.HUGE_1G}) {
      assumeTrue(kernel.hugePagePool(size).isPresent(), "no pool of " + size);
      long pages = available(kernel, size) + (kernel.availableMemoryBytes() >> size.shift()) * 2;
      try (HugePageLoan loan = HugePageLoan.borrow(kernel, size, pages)) {
        assertThat(loan.borrowed()).isZero();
        assertThat(loan.shortage().orElseThrow())
            .contains(pages + " huge pages of ")
            .contains(size == PageSize.HUGE_2M ? "run: sysctl -w vm.nr_" : "1048576kB/nr_hugep");
      }
    }
  }

  /** Each process reads, adds and writes the size: none may undo another's change. */
  @Test
  void borrowersInSeveralProcessesGiveBackTheirPages() throws Exception {
    linuxWithResizablePool();
    assertPoolIsRestored(
        _ -> {
          List<Process> borrowers = List.of(java(BorrowOften.class), java(BorrowOften.class));
          for (Process borrower : borrowers) {
            assertThat(borrower.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(borrower.exitValue()).isZero();
          }
        });
  }

  @Test
  void interruptedProcessGivesBackItsPages() throws Exception {
    linuxWithResizablePool();
    assertPoolIsRestored(
        before -> {
          Process borrower = java(BorrowAndForget.class);
          assertThat(borrower.inputReader().readLine()).isEqualTo("borrowed");
          assertThat(persistent()).isNotEqualTo(before);
          borrower.destroy(); // SIGTERM: ends a JVM as SIGINT does
          assertThat(borrower.waitFor(Duration.ofSeconds(60))).isTrue();
        });
  }

  @Test
  void poolOfASimulatedKernelIsNotEnlarged() {
    Kernel kernel = new SimulatedKernel(SimulatedOptions.DEFAULT.withHugePages(4, 0));
    try (HugePageLoan enough = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 4);
        HugePageLoan tooMany = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 5)) {
      assertThat(enough.shortage()).isEmpty();
      assertThat(tooMany.borrowed()).isZero();
      assertThat(tooMany.shortage().orElseThrow())
          .contains("5 huge pages of 2 MiB are needed, 4 are available");
    }
  }

  @Test
  void basePagesAreRefused() {
    Kernel kernel = new SimulatedKernel();
    assertThatThrownBy(() -> HugePageLoan.borrow(kernel, PageSize.BASE, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BASE");
  }

  /** Borrows and gives back many times. */
  static final class BorrowOften {
    private BorrowOften() {}

    public static void main(String[] args) {
      Kernel kernel = new LinuxKernel();
      for (int i = 0; i < 100; i++) {
        try (HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 16)) {
          assertThat(loan.borrowed()).isBetween(0L, 64L);
        }
      }
    }
  }

  /** Borrows, and waits to be terminated. */
  static final class BorrowAndForget {
    private BorrowAndForget() {}

    public static void main(String[] args) throws Exception {
      Kernel kernel = new LinuxKernel();
      HugePageLoan.borrow(kernel, PageSize.HUGE_2M, available(kernel, PageSize.HUGE_2M) + 5);
      System.out.println("borrowed");
      TimeUnit.SECONDS.sleep(60);
    }
  }

  private interface Attempt {
    /**
     * @param before the size of the pool before the attempt
     */
    void run(long before) throws Exception;
  }

  /**
   * Other processes may use the pool too, so that one of several attempts must restore its size.
   */
  private static void assertPoolIsRestored(Attempt attempt) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      long before = persistent();
      attempt.run(before);
      if (persistent() == before) {
        return;
      }
    }
    throw new AssertionError("no attempt restored the size of the pool");
  }

  private static Process java(Class<?> main) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Kernel linuxWithResizablePool() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(
        Files.isWritable(POOL.resolve("nr_hugepages")),
        "the pool of 2 MiB pages cannot be changed: not root, or no huge pages");
    return new LinuxKernel();
  }

  private static long available(Kernel kernel, PageSize size) {
    return kernel.hugePagePool(size).orElseThrow().available();
  }

  private static long persistent() throws IOException {
    return Long.parseLong(Files.readString(POOL.resolve("nr_hugepages")).strip())
        - Long.parseLong(Files.readString(POOL.resolve("surplus_hugepages")).strip());
  }
}
