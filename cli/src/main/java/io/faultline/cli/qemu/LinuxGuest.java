package io.faultline.cli.qemu;

import io.faultline.cli.report.VmResult;
import io.faultline.qemu.console.ConsoleChecks;
import io.faultline.qemu.process.QemuCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Linux that checks sums of its memory for ever, and reports each check on its console ({@link
 * ConsoleChecks}; tests/qemu/linux-guest-init.sh is such a program). Verified is that the console
 * goes on unbroken, for some checks after all of the memory has arrived.
 */
public final class LinuxGuest implements DemoGuest {
  /** It would not boot with less. */
  public static final long LEAST_RAM_BYTES = 128L << 20;

  /** More would only wait for a processor. */
  public static final int MOST_VCPUS = 16;

  /** Before the migration, and after its end. */
  private static final long CHECKS = 20;

  private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);
  private static final Duration CHECKS_LIMIT = Duration.ofMinutes(1);
  private static final double MILLIS_PER_SECOND = 1e3;

  private final Path kernel;
  private final Path initrd;
  private final long ramBytes;
  private final int vcpus;
  private final Consumer<String> remarks;
  private long checksAtArrival = -1;

  /**
   * @param kernel a bzImage
   * @param initrd with a program that checks sums
   */
  public LinuxGuest(Path kernel, Path initrd, long ramBytes, int vcpus, Consumer<String> remarks) {
    this.kernel = kernel;
    this.initrd = initrd;
    this.ramBytes = ramBytes;
    this.vcpus = vcpus;
    this.remarks = remarks;
  }

  @Override
  public String describe() {
    return String.format(Locale.ROOT, "Linux, %d vCPUs", vcpus);
  }

  @Override
  public long memoryBytes() {
    return ramBytes;
  }

  /** The devices read guest memory while they load their state. */
  @Override
  public List<String> arguments(QemuFiles files, QemuSide side) {
    return List.of(
        "-smp",
        Integer.toString(vcpus),
        "-kernel",
        kernel.toString(),
        "-initrd",
        initrd.toString(),
        "-append",
        "console=ttyS0 quiet panic=1",
        "-serial",
        "file:" + QemuCommand.value(files.console(side)),
        "-device",
        "virtio-rng-pci",
        "-device",
        "virtio-balloon-pci");
  }

  @Override
  public void awaitWorking(QemuPair pair) throws IOException, InterruptedException {
    remarks.accept("waiting for Linux to boot and to check its memory ...");
    try {
      pair.await(
          QemuSide.SOURCE,
          "boot and check its memory",
          BOOT_LIMIT,
          () -> isPast(read(pair), CHECKS));
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; its console ends with: " + lastLine(pair), e);
    }
  }

  /** Of the console at the source. */
  private static String lastLine(QemuPair pair) throws IOException {
    List<String> lines =
        Files.readAllLines(pair.files().console(QemuSide.SOURCE), StandardCharsets.ISO_8859_1);
    return lines.stream().filter(line -> !line.isBlank()).reduce("(nothing)", (a, b) -> b);
  }

  @Override
  public void migrationStarts(QemuPair pair) {}

  @Override
  public void memoryArrived(QemuPair pair) throws IOException {
    checksAtArrival = read(pair).checks();
  }

  @Override
  public void describeIn(ObjectNode result) {
    result.put("guest", "linux");
    result.put("ram_bytes", ramBytes);
    result.put("vcpus", vcpus);
  }

  @Override
  public void verify(QemuPair pair, ObjectNode result) throws IOException, InterruptedException {
    if (checksAtArrival < 0) {
      throw new IOException("the destination did not announce that the memory has arrived");
    }
    remarks.accept("waiting for more checks of the guest ...");
    long last = checksAtArrival + CHECKS;
    pair.await(
        QemuSide.DESTINATION,
        "go on with its checks: its last one was " + checksAtArrival,
        CHECKS_LIMIT,
        () -> isPast(read(pair), last));
    ConsoleChecks console = read(pair);
    ObjectNode json = result.putObject("console");
    json.put("checks", console.checks());
    json.put("checks_afterwards", console.checks() - checksAtArrival);
    json.put("longest_gap_ms", Math.round(console.longestGapSeconds() * MILLIS_PER_SECOND));
    json.put("unbroken", console.problems().isEmpty());
    VmResult.addVerified(
        result,
        console.problems().isEmpty()
            ? Optional.empty()
            : Optional.of("the guest's console: " + String.join("; ", console.problems())));
  }

  private static boolean isPast(ConsoleChecks console, long checks) {
    return console.checks() >= checks || !console.problems().isEmpty();
  }

  /** What the guest has written on both sides: a line may begin here and end there. */
  private static ConsoleChecks read(QemuPair pair) throws IOException {
    ConsoleChecks checks = new ConsoleChecks();
    for (QemuSide side : QemuSide.values()) {
      byte[] bytes = Files.readAllBytes(pair.files().console(side));
      checks.add(bytes, bytes.length);
    }
    return checks;
  }
}
