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
import org.junit.jupiter.api.Test;

/**
 * Who borrows huge pages gets them, and leaves the pool as it was. Others may use the pool at the
 * same time: sizes are compared only where nobody else changed it in between.
 */
final class HugePageLoanTest {
  private static final Path POOL = HugePagePoolFiles.directory(PageSize.HUGE_2M);
  private static final int TRIES = 20;

  @Test
  void pagesThatWereBorrowedCanBeMappedAndGoBack() throws Exception {
    Kernel kernel = linuxWhosePoolMayGrow();
    for (int i = 0; i < TRIES; i++) {
      long before = persistent();
      long wanted = available(kernel, PageSize.HUGE_2M) + 3;
      long length = wanted * kernel.pageSizeBytes(PageSize.HUGE_2M);
      try (HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, wanted)) {
        assumeTrue(loan.shortage().isEmpty(), () -> loan.shortage().orElseThrow());
        assertThat(loan.borrowed()).isGreaterThanOrEqualTo(3);
        kernel.unmap(kernel.map(MapRequest.anonymous(length, PageSize.HUGE_2M)), length);
      }
      if (persistent() == before) {
        return;
      }
    }
    throw new AssertionError("the pool has never its size again");
  }

  @Test
  void pagesInUseGoBackWhenTheyAreUnmapped() throws Exception {
    Kernel kernel = linuxWhosePoolMayGrow();
    for (int i = 0; i < TRIES; i++) {
      long before = persistent();
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
      if (persistent() == before) {
        return;
      }
    }
    throw new AssertionError("the pool has never its size again");
  }

  @Test
  void nothingIsBorrowedWhereNothingIsWanted() {
    Kernel kernel = linuxWhosePoolMayGrow();
    try (HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 0)) {
      assertThat(loan.borrowed()).isZero();
      assertThat(loan.shortage()).isEmpty();
    }
  }

  /** Two borrow, and only then both map what they borrowed. */
  @Test
  void whatOneBorrowedIsNotCountedOnByTheNext() {
    Kernel kernel = linuxWhosePoolMayGrow();
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
  void moreThanTheMachineHasIsToldAndNotTried() {
    Kernel kernel = linuxWhosePoolMayGrow();
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

  /** In processes of their own, where each reads, adds and writes: none may undo another's. */
  @Test
  void borrowersInSeveralProcessesGiveBackWhatTheyTook() throws Exception {
    linuxWhosePoolMayGrow();
    for (int i = 0; i < TRIES; i++) {
      long before = persistent();
      List<Process> borrowers = List.of(java(BorrowOften.class), java(BorrowOften.class));
      for (Process borrower : borrowers) {
        assertThat(borrower.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(borrower.exitValue()).isZero();
      }
      if (persistent() == before) {
        return;
      }
    }
    throw new AssertionError("the pool has never its size again");
  }

  @Test
  void aProcessThatIsInterruptedGivesBack() throws Exception {
    linuxWhosePoolMayGrow();
    for (int i = 0; i < TRIES; i++) {
      long before = persistent();
      Process borrower = java(BorrowAndForget.class);
      assertThat(borrower.inputReader().readLine()).isEqualTo("borrowed");
      assertThat(persistent()).isNotEqualTo(before);
      borrower.destroy(); // SIGTERM, which ends a JVM as SIGINT does
      assertThat(borrower.waitFor(Duration.ofSeconds(20))).isTrue();
      if (persistent() == before) {
        return;
      }
    }
    throw new AssertionError("the pool has never its size again");
  }

  @Test
  void aSimulatedMachineLendsNothing() {
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
  void basePagesAreNotLent() {
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

  /** Borrows, and waits to be ended. */
  static final class BorrowAndForget {
    private BorrowAndForget() {}

    public static void main(String[] args) throws Exception {
      Kernel kernel = new LinuxKernel();
      HugePageLoan.borrow(kernel, PageSize.HUGE_2M, available(kernel, PageSize.HUGE_2M) + 5);
      System.out.println("borrowed");
      TimeUnit.SECONDS.sleep(60);
    }
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

  private static Kernel linuxWhosePoolMayGrow() {
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
