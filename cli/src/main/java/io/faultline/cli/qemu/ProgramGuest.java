package io.faultline.cli.qemu;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.report.VmResult;
import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.kvm.FirmwareGuestClock;
import io.faultline.demo.kvm.FirmwareGuestRam;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The guest program of the KVM VM as the firmware of a PC, without a disk or an operating system.
 * It does a number of operations and then waits, so that it can be compared with a run without a
 * migration. The demo reads its measurements from the file that is its RAM.
 */
public final class ProgramGuest implements DemoGuest {
  private static final Duration FILL_LIMIT = Duration.ofMinutes(5);
  private static final Duration END_LIMIT = Duration.ofMinutes(10);

  private final LinuxKernel kernel;
  private final SimulatedVmConfig programs;
  private final FirmwareGuest firmware;
  private final Consumer<String> remarks;
  private @Nullable FirmwareGuestClock atStart;
  private @Nullable FirmwareGuestClock atArrival;

  /**
   * @param tscKhz the frequency of the guest's time stamp counter
   * @throws UsageException if the program cannot do that
   */
  public ProgramGuest(
      LinuxKernel kernel, int tscKhz, SimulatedVmConfig programs, Consumer<String> remarks) {
    this.kernel = kernel;
    this.programs = programs;
    this.remarks = remarks;
    check(programs);
    try {
      firmware = new FirmwareGuest(kernel, tscKhz, programs);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--vm qemu: " + e.getMessage());
    }
  }

  private static void check(SimulatedVmConfig programs) {
    refuse(programs.vcpus() > 1, "--vcpus " + programs.vcpus(), "has one vCPU; leave it out");
    refuse(
        programs.workload() == Workload.ZIPF,
        "--workload zipf",
        "has no room for its tables; use uniform, sequential or pointer-chase");
    refuse(programs.pace() > 0, "--pace", "runs at full speed; leave it out");
    refuse(
        programs.zeroFraction() > 0 || programs.commonFraction() > 0,
        "--zero-fraction and --common-fraction",
        "fills all of its memory with random words; leave them out");
    refuse(
        programs.backing().pageSize() == PageSize.HUGE_1G,
        "--backing hugetlb-1g",
        "needs 2 MiB more than --ram; use hugetlb-2m");
  }

  private static void refuse(boolean wrong, String option, String why) {
    if (wrong) {
      throw new UsageException(option + ": the guest program of --vm qemu " + why);
    }
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT, "a guest program, %s, seed %d", programs.workload(), programs.seed());
  }

  @Override
  public long memoryBytes() {
    return firmware.memoryBytes();
  }

  /** At the source it waits for {@link #awaitWorking}, so that it does not end too early. */
  @Override
  public List<String> arguments(QemuFiles files, QemuSide side) throws IOException {
    Path rom = files.scratch().resolve("guest.rom");
    Files.write(rom, firmware.rom());
    return side == QemuSide.SOURCE
        ? List.of("-bios", rom.toString(), "-S")
        : List.of("-bios", rom.toString());
  }

  @Override
  public void awaitWorking(QemuPair pair) throws IOException, InterruptedException {
    var _ = pair.qemu(QemuSide.SOURCE).monitor().execute("cont");
    try (FirmwareGuestRam ram = ram(pair, QemuSide.SOURCE)) {
      pair.await(QemuSide.SOURCE, "fill its memory", FILL_LIMIT, () -> ram.operations() > 0);
    }
  }

  @Override
  public void migrationStarts(QemuPair pair) {
    try (FirmwareGuestRam ram = ram(pair, QemuSide.SOURCE)) {
      atStart = ram.clock();
      ram.forgetLongestGap();
    }
  }

  @Override
  public void memoryArrived(QemuPair pair) {
    try (FirmwareGuestRam ram = ram(pair, QemuSide.DESTINATION)) {
      atArrival = ram.clock();
    }
  }

  @Override
  public void describeIn(ObjectNode result) {
    result.put("ram_bytes", memoryBytes());
    result.put("vcpus", programs.vcpus());
    result.put("workload", programs.workload().toString());
    result.put("seed", programs.seed());
    result.put("write_fraction", programs.writeFraction());
  }

  @Override
  public void verify(QemuPair pair, ObjectNode result) throws IOException, InterruptedException {
    addMeasurements(result);
    pair.end(QemuSide.SOURCE);
    long operations = programs.opsPerVcpu();
    remarks.accept(
        String.format(Locale.ROOT, "waiting for the guest's %,d operations ...", operations));
    MemoryDigest memory;
    VcpuDigest registers;
    try (FirmwareGuestRam ram = ram(pair, QemuSide.DESTINATION)) {
      pair.await(QemuSide.DESTINATION, "end", END_LIMIT, () -> ram.operations() >= operations);
      registers = VcpuRegisters.read(pair.qemu(QemuSide.DESTINATION).monitor());
      memory = ram.digest();
    }
    pair.end(QemuSide.DESTINATION);
    remarks.accept("verifying against a run without migration ...");
    VmResult.addVerified(result, findProblem(memory, registers), List.of(operations));
  }

  private void addMeasurements(ObjectNode result) throws IOException {
    FirmwareGuestClock before = atStart;
    FirmwareGuestClock after = atArrival;
    if (before == null || after == null) {
      throw new IOException("the nodes did not announce the beginning and the end");
    }
    VcpuFaults faults = after.faultsSince(before);
    VmResult.addFaults(result, List.of(faults));
    VmResult.addGuestPause(result, after.longestGapNanos());
  }

  private Optional<String> findProblem(MemoryDigest memory, VcpuDigest vcpu) {
    ReferenceRun reference = firmware.reference();
    if (!reference.memory().equals(memory)) {
      return Optional.of("the guest's memory differs from that of a run without migration");
    }
    return reference.vcpus().equals(vcpu)
        ? Optional.empty()
        : Optional.of("the guest's registers differ from those of a run without migration");
  }

  private FirmwareGuestRam ram(QemuPair pair, QemuSide side) {
    return FirmwareGuestRam.open(kernel, firmware, pair.files().ram(side));
  }
}
