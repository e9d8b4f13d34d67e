package io.faultline.cli.qemu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.cli.options.UsageException;
import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.kvm.FirmwareGuestClock;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The guest program of the KVM VM as the firmware of a QEMU, without a disk or an operating system.
 * It does a number of operations and then waits, so that it can be compared with a run without a
 * migration.
 */
final class ProgramGuest {
  private final Kernel kernel;
  private final SimulatedVmConfig programs;
  private final FirmwareGuest firmware;

  /**
   * @throws UsageException if this guest cannot be configured so
   */
  ProgramGuest(Kernel kernel, SimulatedVmConfig programs) throws IOException {
    if (programs.zeroFraction() > 0 || programs.commonFraction() > 0 || programs.pace() > 0) {
      throw new UsageException(
          "--vm qemu has none of --zero-fraction, --common-fraction and --pace; leave them out");
    }
    this.kernel = kernel;
    this.programs = programs;
    try {
      firmware = new FirmwareGuest(kernel, TscFrequency.khz(), programs);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  SimulatedVmConfig programs() {
    return programs;
  }

  /** The RAM of the machine. */
  long memoryBytes() {
    return firmware.memoryBytes();
  }

  /**
   * The command line of a QEMU with this guest.
   *
   * @param rom is written
   * @param ram the file for its RAM
   */
  List<String> command(Path qemu, Path rom, Path ram) throws IOException {
    Files.write(rom, firmware.rom());
    return List.of(
        qemu.toString(),
        "-accel",
        "tcg",
        "-nodefaults",
        "-display",
        "none",
        "-machine",
        "pc,memory-backend=ram",
        "-m",
        (memoryBytes() >> 20) + "M",
        "-bios",
        rom.toString(),
        "-object",
        "memory-backend-file,id=ram,share=on,size=" + memoryBytes() + ",mem-path=" + ram);
  }

  /** What the guest has measured so far. */
  FirmwareGuestClock clock(MemoryRegion ram) {
    byte[] bytes = new byte[FirmwareGuest.CLOCK_BYTES];
    MemorySegment.copy(
        ram.transfer().data(), JAVA_BYTE, FirmwareGuest.CLOCK_ADDRESS, bytes, 0, bytes.length);
    return firmware.clock(bytes);
  }

  /** Makes the guest measure its longest gap from now on. Before the migration starts. */
  void forgetLongestGap(MemoryRegion ram) {
    ram.transfer().data().set(JAVA_LONG, FirmwareGuest.LONGEST_GAP_ADDRESS, 0);
  }

  /** The digest of a RAM that does not change any more. */
  MemoryDigest digest(MemoryRegion ram) {
    return MemoryDigest.of(ram.transfer().data().asSlice(FirmwareGuest.LOW_BYTES));
  }

  /** The registers of a guest that waits at its end. */
  static VcpuDigest registers(QmpConnection monitor) throws IOException, InterruptedException {
    String text =
        monitor
            .execute(
                "human-monitor-command",
                QmpConnection.arguments().put("command-line", "info registers"))
            .asString("");
    return VcpuDigest.of(
        register(text, "RBX"),
        register(text, "RBP"),
        register(text, "R12"),
        register(text, "R13"),
        register(text, "R14"));
  }

  static long register(String text, String name) throws IOException {
    Matcher value = Pattern.compile("\\b" + name + " ?=([0-9a-f]{16})\\b").matcher(text);
    if (!value.find()) {
      throw new IOException("QEMU does not show register " + name);
    }
    return Long.parseUnsignedLong(value.group(1), 16);
  }

  /**
   * Compares a guest at its end with a run without a migration, for which it needs as much memory.
   *
   * @return what is wrong, if anything
   */
  Optional<String> findProblem(MemoryDigest memory, VcpuDigest vcpu) {
    ReferenceRun reference = ReferenceRun.run(kernel, programs, new long[] {programs.opsPerVcpu()});
    if (!reference.memory().equals(memory)) {
      return Optional.of("the guest's memory differs from that of a run without migration");
    }
    return reference.vcpus().equals(vcpu)
        ? Optional.empty()
        : Optional.of("the guest's registers differ from those of a run without migration");
  }
}
