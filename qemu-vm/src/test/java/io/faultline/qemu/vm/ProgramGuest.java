package io.faultline.qemu.vm;

import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.qemu.process.Accelerator;
import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest of a QEMU that does a number of operations on all of its RAM, the same ones in each run,
 * and then waits. Its RAM is looked at through the file.
 */
final class ProgramGuest {
  private static final int TSC_KHZ = 2_000_000; // only measurements of time depend on it
  private static final long SEED = 4711;

  /** The registers that are the program's state. */
  private static final List<String> REGISTERS = List.of("RBX", "RBP", "R12", "R13", "R14");

  private final Kernel kernel;
  private final SimulatedVmConfig programs;
  private final FirmwareGuest firmware;

  ProgramGuest(Kernel kernel, long ramBytes, long operations, double writeFraction) {
    this.kernel = kernel;
    programs =
        SimulatedVmConfig.of(ramBytes, Backing.SHMEM, 1, Workload.UNIFORM, SEED)
            .withOpsPerVcpu(operations)
            .withWriteFraction(writeFraction);
    firmware = new FirmwareGuest(kernel, TSC_KHZ, programs);
  }

  long memoryBytes() {
    return firmware.memoryBytes();
  }

  /** The number of operations after which it waits. */
  long lastOperation() {
    return programs.opsPerVcpu();
  }

  /** The command line of a QEMU with this guest. */
  List<String> command(Path program, Path directory, Path ram) throws IOException {
    Path rom = directory.resolve("guest.rom");
    Files.write(rom, firmware.rom());
    return QemuCommand.withRamInFile(program.toString(), Accelerator.TCG, memoryBytes(), ram)
        .with("-bios", rom.toString())
        .arguments();
  }

  /** The operations done so far by the guest with this RAM. */
  long operations(Path ram) {
    return read(ram, memory -> memory.get(ValueLayout.JAVA_LONG, FirmwareGuest.CLOCK_ADDRESS));
  }

  /** The digest of a RAM that does not change any more. */
  MemoryDigest digest(Path ram) {
    return read(ram, memory -> MemoryDigest.of(memory.asSlice(FirmwareGuest.LOW_BYTES)));
  }

  /** What a guest is at its end that was never migrated. */
  ReferenceRun expected() {
    return firmware.reference();
  }

  /** The registers of a guest that waits at its end, as the monitor shows them. */
  static VcpuDigest registers(QmpConnection monitor) throws IOException, InterruptedException {
    String text =
        monitor
            .execute(
                "human-monitor-command",
                QmpConnection.arguments().put("command-line", "info registers"))
            .asString("");
    long[] values = REGISTERS.stream().mapToLong(name -> register(text, name)).toArray();
    return VcpuDigest.of(values[0], values[1], values[2], values[3], values[4]);
  }

  private static long register(String text, String name) {
    Matcher value = Pattern.compile("\\b" + name + " ?=([0-9a-f]{16})\\b").matcher(text);
    if (!value.find()) {
      throw new IllegalStateException("QEMU does not show register " + name + ": " + text);
    }
    return Long.parseUnsignedLong(value.group(1), 16);
  }

  private interface Reader<T> {
    T read(MemorySegment memory);
  }

  private <T> T read(Path ram, Reader<T> reader) {
    try (MemoryFile file = kernel.openFile(ram, memoryBytes())) {
      long address = kernel.map(MapRequest.sharedFile(file));
      try {
        return reader.read(MemorySegment.ofAddress(address).reinterpret(memoryBytes()));
      } finally {
        kernel.unmap(address, memoryBytes());
      }
    }
  }
}
