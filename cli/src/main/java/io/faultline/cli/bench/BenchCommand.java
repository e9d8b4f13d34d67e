package io.faultline.cli.bench;

import io.faultline.cli.engine.EngineOption;
import io.faultline.cli.options.ByteSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline bench}: measures migrations. */
@Command(
    name = "bench",
    description = {
      "Measure migrations on this machine, interleaved and repeated.",
      "Runs all cases in turn, for several rounds."
    },
    footer = {
      "",
      "Exit codes: 0 all cases ran and verified, 1 a case failed, 2 wrong use, 3 result elsewhere."
    })
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Run only these cases or tables, e.g. faults,bulk-2m (default: all).")
  private List<String> only = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Runs of each case (default: 3; with --quick: 1).")
  private @Nullable Integer rounds;

  @Option(
      names = "--limit",
      paramLabel = "DURATION",
      description =
          "Start no run after so long, such as 20m (default: none; with --umap and without"
              + " --rounds: 9m).")
  private @Nullable Duration limit;

  @Option(
      names = "--ram",
      paramLabel = "SIZE",
      description = "Guest memory of most cases (default: 512m; with --quick: 32m).")
  private @Nullable ByteSize ram;

  @Option(names = "--quick", description = "A few small cases, once, as a first look.")
  private boolean quick;

  @Option(
      names = "--floor",
      description = "Also run the same work in C (built with gcc), and print ratios.")
  private boolean floor;

  @Option(
      names = "--qemu",
      description =
          "Also migrate guests of QEMU, by Faultline and by QEMU itself, and print ratios.")
  private boolean qemu;

  @Mixin private UmapOptions umap = new UmapOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the first round; each round adds 1 (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Mixin private EngineOption engine = new EngineOption();

  @Option(names = "--json", paramLabel = "FILE", description = "Write all samples to this file.")
  private @Nullable Path json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with plots to this file.")
  private @Nullable Path html;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "Write the plot of the table paging_buffers to this file.")
  private @Nullable Path svg;

  @Override
  public Integer call() throws IOException, InterruptedException {
    BenchSettings settings =
        BenchSettings.of(
            quick, ram, rounds, seed, only, floor, qemu, umap.settings(quick, ram), limit);
    return new BenchRun(settings, engine.choice(), spec.commandLine()).run(json, html, svg);
  }
}
