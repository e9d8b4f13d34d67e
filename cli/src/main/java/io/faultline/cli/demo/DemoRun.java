package io.faultline.cli.demo;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.PagingOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.output.ScratchDirectory;
import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline demo}. */
final class DemoRun {
  /** At the source and at the destination; the reference run starts after both have ended. */
  private static final int COPIES = 2;

  /** With {@code --ops} a VM runs to its end, however long that takes. */
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  private final VmOptions vmOptions;
  private final PagingOptions paging;
  private final MigrationOptions migration;
  private final DemoOptions pair;
  private final @Nullable ChaosPlan chaos;
  private final EngineChoice engine;
  private final CommandOutput output;
  private @Nullable LocalMigration nodes;
  private boolean recorded;

  DemoRun(
      VmOptions vmOptions,
      PagingOptions paging,
      MigrationOptions migration,
      DemoOptions pair,
      @Nullable ChaosPlan chaos,
      EngineChoice engine,
      CommandOutput output) {
    this.vmOptions = vmOptions;
    this.paging = paging;
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
  int run(OutputOptions options) throws IOException, InterruptedException {
    migration.check(vmOptions.backing());
    if (chaos != null && chaos.destinationKills() > 0) {
      throw new UsageException(
          "--chaos kill-dest needs a guest that outlives the destination: use --vm qemu");
    }
    if (chaos != null && chaos.sourceKills() > 0 && paging.isChosen()) {
      throw new UsageException(
          "--chaos kill-source: with --paging a part of the VM's memory ends with the source, so"
              + " nothing can resume it; leave out kill-source");
    }
    if (chaos != null && chaos.sourceKills() > 0 && vmOptions.backing().path() == null) {
      throw new UsageException(
          "--chaos kill-source needs memory that outlives the source: use --backing"
              + " file:/dev/shm/NAME");
    }
    pair.check(migration.placement());
    recorded = options.wantsReport();
    try (ResultOutput results = options.open(output::message, null)) {
      return run(results);
    }
  }

  private int run(ResultOutput results) throws IOException, InterruptedException {
    try (ScratchDirectory scratch = new ScratchDirectory("faultline-demo")) {
      return run(scratch.directory(), results);
    }
  }

  private int run(Path scratch, ResultOutput results) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(engine, output::message);
    vmOptions.config(kernel); // reports wrong options before huge pages are borrowed
    try (HugePageLoan loan = borrowHugePages(kernel)) {
      if (loan.borrowed() > 0) {
        output.remark("borrowing " + loan.borrowed() + " huge pages for the run");
      }
      return run(kernel, scratch, results);
    }
  }

  /** Enough for both VMs: few machines have a pool of that size. */
  private HugePageLoan borrowHugePages(Kernel kernel) {
    PageSize size = vmOptions.backing().pageSize();
    if (!size.isHuge()) {
      return HugePageLoan.none();
    }
    long pages = Math.ceilDiv(vmOptions.ramBytes(), kernel.pageSizeBytes(size));
    return HugePageLoan.borrow(kernel, size, COPIES * pages);
  }

  private int run(Kernel kernel, Path scratch, ResultOutput results)
      throws IOException, InterruptedException {
    SimulatedVmConfig config = vmOptions.config(kernel, paging.isChosen() ? 1 : COPIES);
    output.remark(
        String.format(
            "migrating a %s%s VM of %d MiB, %d vCPUs, %s, seed %d (%s)",
            paging.isChosen() ? "paged " : "",
            vmOptions.kind(),
            config.ramBytes() >> 20,
            config.vcpus(),
            config.workload(),
            config.seed(),
            migration));
    ObjectNode result = migrate(scratch, kernel.name(), config.ramBytes());
    MigrationRecording recording = nodes != null && recorded ? nodes.recording() : null;
    return new DemoEnd(output, results).finish(result, recording);
  }

  private ObjectNode migrate(Path scratch, String engineName, long ramBytes)
      throws IOException, InterruptedException {
    List<String> sourceArguments = pair.forSource();
    if (!output.isQuiet()) {
      sourceArguments.add("--progress");
    }
    try (KillableSource killable = KillableSource.of(vmOptions.backing(), scratch)) {
      return migrate(scratch, engineName, ramBytes, sourceArguments, killable);
    }
  }

  private ObjectNode migrate(
      Path scratch,
      String engineName,
      long ramBytes,
      List<String> forEachSource,
      @Nullable KillableSource killable)
      throws IOException, InterruptedException {
    List<String> sourceArguments = new ArrayList<>(forEachSource);
    sourceArguments.addAll(vmOptions.toArguments());
    sourceArguments.addAll(paging.toArguments(ramBytes));
    sourceArguments.addAll(migration.toArguments());
    LocalMigration nodes =
        new LocalMigration(scratch, engineName, List.of(), NO_LIMIT)
            .guestConsole(this::printGuestLine)
            .recorded(recorded);
    this.nodes = nodes;
    if (!output.isQuiet()) {
      nodes.remarks(output::message);
    }
    if (killable != null) {
      DemoJournal journal = killable.journal();
      sourceArguments.addAll(journal.arguments());
      nodes.restartKilledSource(() -> journal.resumeArguments(forEachSource));
    }
    if (chaos == null) {
      return nodes.run(sourceArguments, pair.forDestination());
    }
    return new ChaosRun(chaos, migration, pair.isEncrypted(), ramBytes, output::message)
        .run(nodes, sourceArguments, pair.forDestination());
  }

  private void printGuestLine(String side, String line) {
    if (!output.isQuiet()) {
      output.print("guest at the " + side + ": " + line);
    }
  }
}
