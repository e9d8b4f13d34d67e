package io.faultline.cli.demo;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.experiment.Ballast;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.DirtyLogChoice;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.output.ScratchDirectory;
import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.qemu.DemoGuest;
import io.faultline.cli.qemu.QemuFiles;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.qemu.QemuPair;
import io.faultline.cli.qemu.QemuSide;
import io.faultline.cli.qemu.RamDirectory;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.memory.Backing;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of {@code faultline demo --vm qemu}: two QEMUs, which this process owns, and the nodes
 * that move a guest from one to the other.
 */
final class QemuDemoRun {
  /** At the source and at the destination; the reference run starts after both have ended. */
  private static final int COPIES = 2;

  /** A guest may take as long as it takes. */
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  private final VmOptions vmOptions;
  private final QemuOptions qemu;
  private final MigrationOptions migration;
  private final DemoOptions pair;
  private final @Nullable ChaosPlan chaos;
  private final EngineChoice engine;
  private final CommandOutput output;

  QemuDemoRun(
      VmOptions vmOptions,
      QemuOptions qemu,
      MigrationOptions migration,
      DemoOptions pair,
      @Nullable ChaosPlan chaos,
      EngineChoice engine,
      CommandOutput output) {
    this.vmOptions = vmOptions;
    this.qemu = qemu;
    this.migration = migration;
    this.pair = pair;
    this.chaos = chaos;
    this.engine = engine;
    this.output = output;
  }

  /**
   * Runs the demo and returns the exit code.
   *
   * @param options which files to write
   */
  int run(OutputOptions options, GivenOptions given) throws IOException, InterruptedException {
    Backing backing = backing(given);
    migration.check(backing);
    pair.check(migration.placement());
    check(given);
    LinuxKernel kernel = QemuMonitor.kernel(engine);
    Path program = qemu.program();
    DemoGuest guest = qemu.guest(kernel, vmOptions, output::remark);
    try (ResultOutput results = options.open(output::message, null)) {
      try (ScratchDirectory directory = new ScratchDirectory("faultline-demo");
          HugePageLoan loan = borrowHugePages(kernel, backing, guest)) {
        if (loan.borrowed() > 0) {
          output.remark("borrowing " + loan.borrowed() + " huge pages for the run");
        }
        vmOptions.requireMemory(kernel, COPIES);
        Path scratch = directory.directory();
        LocalMigration nodes =
            new LocalMigration(scratch, kernel.name(), List.of(), NO_LIMIT)
                .recorded(options.wantsReport());
        ObjectNode result;
        try (RamDirectory ram = RamDirectory.create(backing)) {
          result = run(kernel, program, guest, new QemuFiles(scratch, ram), nodes);
        }
        result.put("backing", backing.toString());
        MigrationRecording recording = options.wantsReport() ? nodes.recording() : null;
        return new DemoEnd(output, results).finish(result, recording);
      }
    }
  }

  /** QEMU's RAM must be in a file: that is the default here. */
  private Backing backing(GivenOptions given) {
    Backing backing = vmOptions.backing();
    if (backing.isShared()) {
      return backing;
    }
    if (given.contains("--backing")) {
      throw new UsageException(
          "--backing "
              + backing
              + ": the RAM of --vm qemu must be in a file; use shmem (the default), hugetlb-2m or"
              + " file:PATH");
    }
    return Backing.SHMEM;
  }

  private void check(GivenOptions given) {
    qemu.check(given);
    if (given.contains("--dirty-log") && migration.dirtyLog() == DirtyLogChoice.VM) {
      throw new UsageException(
          "--dirty-log vm: that of --vm qemu is always write-protect; leave it out");
    }
  }

  private static HugePageLoan borrowHugePages(
      LinuxKernel kernel, Backing backing, DemoGuest guest) {
    if (!backing.pageSize().isHuge()) {
      return HugePageLoan.none();
    }
    long pages = Math.ceilDiv(guest.memoryBytes(), kernel.pageSizeBytes(backing.pageSize()));
    return HugePageLoan.borrow(kernel, backing.pageSize(), COPIES * pages);
  }

  private ObjectNode run(
      LinuxKernel kernel, Path program, DemoGuest guest, QemuFiles files, LocalMigration nodes)
      throws IOException, InterruptedException {
    try (QemuPair qemus = QemuPair.start(program, qemu.accelerator(), guest, files);
        Ballast ballast = Ballast.allocate(kernel)) {
      output.remark(
          String.format(
              Locale.ROOT,
              "migrating the guest of a QEMU %s with %s, %d MiB: %s (%s)",
              qemus.version(),
              qemu.accelerator(),
              guest.memoryBytes() >> 20,
              guest.describe(),
              migration));
      if (!output.isQuiet()) {
        nodes.remarks(output::message);
      }
      DemoJournal journal = new DemoJournal(files.scratch());
      ObjectNode result =
          new QemuGuestMigration(qemus, guest, nodes, ballast)
              .run(to -> migrate(qemus, journal, to));
      result.put("qemu_version", qemus.version());
      result.put("accelerator", qemu.accelerator().toString());
      return result;
    }
  }

  private ObjectNode migrate(QemuPair qemus, DemoJournal journal, LocalMigration nodes)
      throws IOException, InterruptedException {
    List<String> forEachSource = pair.forSourceOfQemu();
    if (!output.isQuiet()) {
      forEachSource.add("--progress");
    }
    nodes.restartKilledSource(() -> journal.resumeArguments(forEachSource));
    DemoTakeOver takeOver = new DemoTakeOver(journal.directory());
    nodes.replaceKilledDestination(() -> takeOver.arguments(pair.forTakeOver()));
    List<String> forSource = new ArrayList<>(forEachSource);
    forSource.addAll(journal.arguments());
    forSource.addAll(qemus.arguments(QemuSide.SOURCE));
    forSource.addAll(migration.toArguments());
    List<String> forDestination = pair.forDestinationOfQemu();
    forDestination.addAll(qemus.arguments(QemuSide.DESTINATION));
    if (chaos == null) {
      return nodes.run(forSource, forDestination);
    }
    return new ChaosRun(chaos, migration, pair.isEncrypted(), vmOptions.ramBytes(), output::message)
        .run(nodes, forSource, forDestination);
  }
}
