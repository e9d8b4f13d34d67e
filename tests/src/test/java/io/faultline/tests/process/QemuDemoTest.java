package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code demo --vm qemu}, with the QEMUs of tests/qemu/get-qemu.sh. */
class QemuDemoTest {
  private static final Path QEMUS = Path.of("../target/qemu").toAbsolutePath().normalize();
  private static final int RAM_MIB = 30;

  /** Of two machines, each with 2 MiB more than its RAM. */
  private static final long PAGES = 2 * (RAM_MIB + 2) / 2;

  @RegisterExtension private final Processes processes = new Processes();
  private final List<Path> filesBefore = ramFiles();

  @Test
  void postcopyOfAGuestInTmpfsIsVerified() throws Exception {
    Result result = run("own", "--mode=postcopy", "--place=copy");
    assertThat(result.text("backing")).isEqualTo("shmem");
    assertThat(result.text("qemu_version")).isNotEmpty();
    assertThat(filesLeft()).isEmpty();
  }

  @RunsAlone
  @Test
  void hybridOfAGuestInHugePagesOverTlsIsVerified() throws Exception {
    Path keys = processes.file("keys");
    processes.start("keys", keys.toString()).awaitSuccess();
    long poolBefore = HugePages.total();
    try (HugePageLoan _ = HugePages.borrow(PAGES)) {
      Result result =
          run("sid", "--mode=hybrid", "--place=continue", "--backing=hugetlb-2m", "--tls=" + keys);
      assertThat(result.number("page_size")).isEqualTo(2 << 20);
      assertThat(result.number("precopy_rounds")).isPositive();
    }
    assertThat(HugePages.total()).as("pages in the pool").isEqualTo(poolBefore);
  }

  @Test
  void connectionsThatBreakDoNotChangeTheGuestAndAreInTheReport() throws Exception {
    Path report = processes.file("report.html");
    Result result =
        run(
            "own",
            "--chaos=cut=5,blackhole=2,seed=3",
            "--heartbeat=300ms",
            "--bandwidth=64m",
            "--report=" + report);
    assertThat(result.number("chaos.faults")).isEqualTo(7);
    assertThat(result.number("recoveries")).isPositive();
    String page = Files.readString(report);
    assertThat(page).contains("verified", "data-mark='memory-map'", "data-phase='paused'");
    assertThat(page).contains("data-mark='fault'");
  }

  @Test
  void sourceNodeThatIsKilledIsReplaced() throws Exception {
    Path report = processes.file("report.html");
    Result result =
        run("sid", "--chaos=kill-source=1,seed=5", "--bandwidth=64m", "--report=" + report);
    assertThat(result.number("chaos.faults")).isEqualTo(1);
    assertThat(result.at("resumed").asBoolean()).isTrue();
    assertThat(Files.readString(report)).contains("verified", "data-mark='memory-map'");
    assertThat(filesLeft()).isEmpty();
  }

  @Test
  void destinationNodeThatIsKilledIsTakenOver() throws Exception {
    Path report = processes.file("report.html");
    Result result =
        run(
            "own",
            "--chaos=kill-dest=1,cut=1,seed=2",
            "--place=continue",
            "--bandwidth=16m",
            "--report=" + report);
    assertThat(result.number("chaos.faults")).isEqualTo(2);
    assertThat(result.number("take_overs")).isEqualTo(1);
    assertThat(Files.readString(report)).contains("verified", "data-mark='memory-map'");
    assertThat(filesLeft()).isEmpty();
  }

  /** KVM resolves the faults of its guests in the kernel. */
  @Test
  void guestUnderKvmIsVerified() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "needs /dev/kvm");
    Result result = run("own", "--accel=kvm", "--mode=hybrid", "--place=continue");
    assertThat(result.text("accelerator")).isEqualTo("kvm");
    assertThat(result.number("pages.precopy")).isPositive();
  }

  /** Its devices read guest memory while they load their state. */
  @Test
  void consoleOfALinuxGoesOn() throws Exception {
    linux("own", "--chaos=cut=1,seed=1");
  }

  @Test
  @Nightly
  void consoleOfALinuxGoesOnDespiteAllFaultsOverTls() throws Exception {
    Path keys = processes.file("keys");
    processes.start("keys", keys.toString()).awaitSuccess();
    Result result =
        linux(
            "sid",
            "--chaos=cut=5,blackhole=2,kill-source=1,kill-dest=1,seed=3",
            "--heartbeat=300ms",
            "--tls=" + keys);
    assertThat(result.number("chaos.faults")).isEqualTo(9);
    assertThat(result.number("take_overs")).isEqualTo(1);
  }

  private Result linux(String which, String... options) throws Exception {
    Path linux = QEMUS.resolveSibling("qemu-guest");
    assumeTrue(
        Files.isReadable(linux.resolve("initrd")),
        "no Linux guest: run tests/qemu/get-linux-guest.sh");
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(
        List.of(
            "--guest=linux",
            "--kernel=" + linux.resolve("vmlinuz"),
            "--initrd=" + linux.resolve("initrd"),
            "--ram=128m",
            "--bandwidth=64m"));
    Result result = demo(which, all.toArray(String[]::new));
    assertThat(result.text("guest")).isEqualTo("linux");
    assertThat(result.at("console.unbroken").asBoolean()).isTrue();
    assertThat(result.number("console.checks_afterwards")).isGreaterThanOrEqualTo(20);
    assertThat(result.number("console.checks"))
        .isGreaterThanOrEqualTo(result.number("console.checks_afterwards") + 20);
    return result;
  }

  /** With a guest program. */
  private Result run(String which, String... options) throws Exception {
    return demo(
        which,
        Stream.concat(Stream.of("--ram=" + RAM_MIB + "m", "--ops=4000000"), Stream.of(options))
            .toArray(String[]::new));
  }

  private Result demo(String which, String... options) throws Exception {
    Path qemu = QEMUS.resolve(which + "/bin/qemu-system-x86_64");
    assumeTrue(Files.isExecutable(qemu), "no QEMU: run tests/qemu/get-qemu.sh");
    Demo demo = Demo.run(processes, List.of("--vm=qemu", "--qemu=" + qemu), options);
    demo.result().assertVerified();
    assertThat(demo.result().text("vm")).isEqualTo("qemu");
    return demo.result();
  }

  private List<Path> filesLeft() {
    return ramFiles().stream().filter(file -> !filesBefore.contains(file)).toList();
  }

  private static List<Path> ramFiles() {
    try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("faultline-qemu"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
