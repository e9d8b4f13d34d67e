package io.faultline.cli.bench;

import io.faultline.cli.bench.cases.CaseCatalog;
import io.faultline.cli.bench.cases.CriuCases;
import io.faultline.cli.bench.cases.PagingCases;
import io.faultline.cli.bench.cases.QemuComparisonCases;
import io.faultline.cli.bench.cases.SnapshotCases;
import io.faultline.cli.bench.cases.UffdHandlerCases;
import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.FloorProgram;
import io.faultline.cli.bench.measure.QemuCase;
import io.faultline.cli.bench.measure.WarmHugePages;
import io.faultline.cli.bench.report.BufferPlot;
import io.faultline.cli.bench.report.HtmlReport;
import io.faultline.cli.bench.report.JsonReport;
import io.faultline.cli.bench.report.TextReport;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Samples;
import io.faultline.cli.bench.umap.BestPageSize;
import io.faultline.cli.bench.umap.UmapCases;
import io.faultline.cli.bench.umap.UmapLab;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.output.ScratchDirectory;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/** One run of {@code faultline bench}: prepares the cases, measures them, writes the reports. */
final class BenchRun {
  private static final String JSON = "--json";
  private static final String HTML = "--html";
  private static final String SVG = "--svg";

  private final BenchSettings settings;
  private final EngineChoice engine;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Samples samples = new Samples();
  private @Nullable Path plotted;

  BenchRun(BenchSettings settings, EngineChoice engine, CommandLine line) {
    this.settings = settings;
    this.engine = engine;
    this.out = line.getOut();
    this.err = line.getErr();
  }

  /** Returns the exit code. */
  int run(@Nullable Path json, @Nullable Path html, @Nullable Path svg)
      throws IOException, InterruptedException {
    try (ResultOutput results = new ResultOutput(this::log, null)) {
      results.open(JSON, json);
      results.open(HTML, html);
      results.open(SVG, svg);
      plotted = svg;
      return results.exitCode(run(results));
    }
  }

  private int run(ResultOutput results) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(engine, this::log);
    try (ScratchDirectory scratch = new ScratchDirectory("faultline-bench");
        WarmHugePages hugePages = new WarmHugePages(kernel);
        @Nullable UmapLab umap = openUmap(scratch.directory())) {
      Map<String, String> facts = MachineFacts.describe();
      facts.put("Engine", kernel.name());
      facts.put("Settings", settings.describe());
      BenchEnvironment environment =
          new BenchEnvironment(
              kernel, hugePages, scratch.directory(), settings.seed(), settings.quick());
      List<BenchCase> cases = prepare(environment, umap, facts);
      requirePlot(cases);
      facts.put("Load before", MachineFacts.load());
      measure(cases);
      facts.put("Load after", MachineFacts.load());
      List<BenchCase> marked = BestPageSize.mark(cases, samples);
      writeReports(new BenchResult(facts, marked, samples), results);
    }
    return samples.hasFailures() ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private void requirePlot(List<BenchCase> cases) {
    ResultTable table = ResultTable.PAGING_BUFFERS;
    if (plotted != null && cases.stream().noneMatch(each -> each.table() == table)) {
      throw new UsageException("--svg " + plotted + ": needs --only " + table.key());
    }
  }

  private @Nullable UmapLab openUmap(Path scratch) throws IOException, InterruptedException {
    return settings.umap().isEmpty() ? null : UmapLab.open(settings.umap().get(), scratch);
  }

  private List<BenchCase> prepare(
      BenchEnvironment environment, @Nullable UmapLab umap, Map<String, String> facts)
      throws InterruptedException {
    List<String> oneCpu = CpuPinning.command(this::log);
    List<BenchCase> all =
        new ArrayList<>(CaseCatalog.migrations(environment, settings.ramBytes(), oneCpu));
    List<BenchCase> others = new ArrayList<>();
    if (umap != null) {
      facts.put("umap", umap.settings().describe());
      all.addAll(UmapCases.ofProject(umap));
      others.addAll(UmapCases.references(umap));
    }
    List<BenchCase> named = new ArrayList<>(all);
    named.addAll(others);
    CaseSelection selection =
        CaseSelection.of(settings.only(), settings.quick(), settings.qemu(), umap != null, named);
    if (settings.floor()) {
      others.addAll(floor(environment.scratch(), oneCpu, facts));
    }
    if (settings.qemu()) {
      others.addAll(qemu(environment, facts));
    }
    others.addAll(CriuCases.ofStock(environment));
    others.addAll(PagingCases.ofOthers(environment, settings.ramBytes()));
    others.addAll(SnapshotCases.ofOthers(environment, settings.ramBytes()));
    others.addAll(UffdHandlerCases.ofOthers(environment));
    return CaseCatalog.interleaved(selection.from(all), selection.from(others));
  }

  private List<BenchCase> floor(Path scratch, List<String> oneCpu, Map<String, String> facts)
      throws InterruptedException {
    try {
      FloorProgram floor = FloorProgram.build(scratch);
      facts.put("Floor", FloorProgram.compiler());
      return CaseCatalog.floor(floor, settings.ramBytes(), oneCpu);
    } catch (IOException e) {
      return continueWithout("Floor", "the C floor", e, facts);
    }
  }

  private List<BenchCase> qemu(BenchEnvironment environment, Map<String, String> facts)
      throws InterruptedException {
    try {
      facts.put("QEMU", QemuCase.version());
      return QemuComparisonCases.ofQemu(environment, settings.ramBytes());
    } catch (IOException e) {
      return continueWithout("QEMU", "QEMU", e, facts);
    }
  }

  private List<BenchCase> continueWithout(
      String key, String name, IOException reason, Map<String, String> facts) {
    log("continuing without " + name + ": " + reason.getMessage());
    facts.put(key, "none: " + reason.getMessage());
    return List.of();
  }

  private void measure(List<BenchCase> cases) throws InterruptedException {
    List<RunOrder.Turn<BenchCase>> turns =
        RunOrder.of(cases, settings.rounds()).stream()
            .filter(turn -> turn.round() < turn.item().rounds(settings.rounds()))
            .toList();
    int done = 0;
    long start = System.nanoTime();
    for (RunOrder.Turn<BenchCase> turn : turns) {
      String name = turn.item().name();
      if (isAfterLimit(start)) {
        noteNotRun(turns.subList(done, turns.size()));
        return;
      }
      log(String.format("%d of %d: %s, round %d", ++done, turns.size(), name, turn.round() + 1));
      try {
        samples.add(name, turn.round(), turn.item().run(turn.round()));
      } catch (UnfinishedException e) {
        samples.addUnfinished(name, turn.round(), e);
        log(name + ": " + e.getMessage());
      } catch (CannotRunException e) {
        problem(name, turn.round(), e, false);
      } catch (IOException e) {
        problem(name, turn.round(), e, true);
      }
    }
  }

  private boolean isAfterLimit(long start) {
    return settings.limit().isPresent()
        && System.nanoTime() - start > settings.limit().get().toNanos();
  }

  /** Says which cases have no values, since the time was over. */
  private void noteNotRun(List<RunOrder.Turn<BenchCase>> turns) {
    String limit = settings.limit().orElseThrow().toSeconds() + " s";
    log("the limit of " + limit + " is reached: " + turns.size() + " runs are left out");
    for (RunOrder.Turn<BenchCase> turn : turns) {
      String name = turn.item().name();
      if (samples.runs(name) == 0) {
        samples.addProblem(name, turn.round(), "not run in the " + limit + " of --limit", false);
      }
    }
  }

  private void problem(String name, int round, Exception e, boolean failed) {
    String reason = String.valueOf(e.getMessage());
    samples.addProblem(name, round, reason, failed);
    log(name + (failed ? " FAILED: " : " cannot run here: ") + reason);
  }

  /** Files first: nothing may read standard output, so that printing blocks. */
  private void writeReports(BenchResult result, ResultOutput results) {
    results.write(JSON, () -> JsonReport.of(result));
    results.write(HTML, () -> HtmlReport.of(result));
    results.write(SVG, () -> BufferPlot.file(result));
    out.print(TextReport.of(result));
    out.flush();
  }

  private void log(String line) {
    err.println("faultline: " + line);
    err.flush();
  }
}
