package io.faultline.cli.qemu;

import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.DirectoryCheck;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.rehearsal.NodeRehearsal;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.Summary;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.cli.terminal.Terminal;
import io.faultline.memory.Backing;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code demo --vm qemu}: a guest moves from one stock QEMU to another on this machine, and is
 * verified. Both nodes run in this process; the VMs are processes of their own.
 */
public final class QemuDemo {
  private static final String PROGRAM = "qemu-system-x86_64";

  /** Some seconds of work for QEMU's binary translation. */
  private static final long OPERATIONS = 20_000_000;

  /** At the source and at the destination. */
  private static final int COPIES = 2;

  private final VmOptions vmOptions;
  private final MigrationOptions migration;
  private final Duration rehearsal;
  private final CommandOutput output;

  /**
   * @param rehearsal the longest time for the rehearsal of the nodes
   */
  public QemuDemo(
      VmOptions vmOptions, MigrationOptions migration, Duration rehearsal, CommandOutput output) {
    this.vmOptions = vmOptions;
    this.migration = migration;
    this.rehearsal = rehearsal;
    this.output = output;
  }

  /**
   * Runs the demo and returns the exit code.
   *
   * @param qemu the program; null for the one in the PATH
   */
  public int run(@Nullable Path qemu, OutputOptions options)
      throws IOException, InterruptedException {
    Path program = qemu == null ? findProgram() : requireProgram(qemu);
    if (options.wantsReport()) {
      throw new UsageException("--report is not for --vm qemu yet; use --json");
    }
    Backing backing = shared(vmOptions.backing());
    migration.check(backing);
    LinuxKernel kernel = new LinuxKernel();
    ProgramGuest guest = new ProgramGuest(kernel, vmOptions.qemuConfig(kernel, OPERATIONS));
    try (ResultOutput results = options.open(output::message, null);
        HugePageLoan loan = borrowHugePages(kernel, backing, guest)) {
      if (loan.borrowed() > 0) {
        output.remark("borrowing " + loan.borrowed() + " huge pages for the run");
      }
      vmOptions.requireMemory(kernel, COPIES);
      ObjectNode result;
      try (RamDirectory ram = RamDirectory.create(backing)) {
        result = run(kernel, program, guest, ram);
      }
      result.put("backing", backing.toString());
      results.write(OutputOptions.JSON, () -> ResultFile.text(result));
      print(result);
      return results.exitCode(Results.isGood(result) ? ExitCode.OK : ExitCode.SOFTWARE);
    }
  }

  private ObjectNode run(LinuxKernel kernel, Path program, ProgramGuest guest, RamDirectory ram)
      throws IOException, InterruptedException {
    NodeRehearsal.tryRun(kernel, rehearsal, output::message);
    output.remark(
        String.format(
            "migrating a guest of %s, %d MiB, seed %d (%s)",
            program.getFileName(), guest.memoryBytes() >> 20, guest.programs().seed(), migration));
    Path scratch = DirectoryCheck.createScratch("faultline-qemu");
    try {
      return new QemuPair(kernel, guest, migration, output::remark).migrate(program, scratch, ram);
    } finally {
      Files.deleteIfExists(scratch.resolve(QemuPair.ROM));
      Files.delete(scratch);
    }
  }

  /** QEMU's RAM must be in a file: anonymous memory, the default, becomes one. */
  private static Backing shared(Backing backing) {
    return backing.isShared() ? backing : Backing.SHMEM;
  }

  private static HugePageLoan borrowHugePages(
      LinuxKernel kernel, Backing backing, ProgramGuest guest) {
    if (!backing.pageSize().isHuge()) {
      return HugePageLoan.none();
    }
    long pages = Math.ceilDiv(guest.memoryBytes(), kernel.pageSizeBytes(backing.pageSize()));
    return HugePageLoan.borrow(kernel, backing.pageSize(), COPIES * pages);
  }

  private static Path findProgram() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--vm qemu: there is no "
                        + PROGRAM
                        + " in the PATH; sudo apt-get install qemu-system-x86, or name it with"
                        + " --qemu"));
  }

  private static Path requireProgram(Path qemu) {
    if (!Files.isExecutable(qemu)) {
      throw new UsageException("--qemu " + qemu + ": it is not a program; give its path");
    }
    return qemu;
  }

  private void print(ObjectNode result) {
    if (!output.isQuiet()) {
      new Summary(output.out(), Terminal.hasColours()).print(result);
    }
    if (!Results.isGood(result)) {
      output.message(result.path("error").asString("the migration failed"));
    }
  }
}
