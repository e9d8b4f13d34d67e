package io.faultline.cli.bench;

import io.faultline.cli.bench.BenchCase.CannotRunException;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/** One run of {@code faultline bench}. */
final class BenchRun {
  private final BenchSettings settings;
  private final EngineChoice engine;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Samples samples = new Samples();

  BenchRun(BenchSettings settings, EngineChoice engine, CommandLine line) {
    this.settings = settings;
    this.engine = engine;
    this.out = line.getOut();
    this.err = line.getErr();
  }

  /** Returns the exit code. */
  int run(@Nullable Path json, @Nullable Path html) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(engine, this::say);
    try (Scratch scratch = new Scratch();
        HugePool hugePages = new HugePool(kernel)) {
      Map<String, String> facts = Machine.describe();
      facts.put("Engine", kernel.name());
      facts.put("Settings", settings.describe());
      BenchEnvironment environment =
          new BenchEnvironment(
              kernel, hugePages, scratch.directory(), settings.seed(), settings.quick());
      List<BenchCase> cases = prepare(environment, facts);
      facts.put("Load before", Machine.load());
      measure(cases);
      facts.put("Load after", Machine.load());
      tell(new BenchResult(facts, cases, samples), json, html);
    }
    return samples.hasFailures() ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private List<BenchCase> prepare(BenchEnvironment environment, Map<String, String> facts)
      throws InterruptedException {
    List<String> oneCpu = OneCpu.command(this::say);
    List<BenchCase> all = Cases.migrations(environment, settings.ramBytes(), oneCpu);
    Selection selection = Selection.of(settings.only(), settings.quick(), all);
    List<BenchCase> others = new ArrayList<>();
    if (settings.floor()) {
      others.addAll(floor(environment.scratch(), oneCpu, facts));
    }
    if (settings.qemu()) {
      others.addAll(qemu(environment, facts));
    }
    return Cases.interleaved(selection.from(all), selection.from(others));
  }

  private List<BenchCase> floor(Path scratch, List<String> oneCpu, Map<String, String> facts)
      throws InterruptedException {
    try {
      Floor floor = Floor.build(scratch);
      facts.put("Floor", Floor.compiler());
      return Cases.floor(floor, settings.ramBytes(), oneCpu);
    } catch (IOException e) {
      return goOnWithout("Floor", "the floor", e, facts);
    }
  }

  private List<BenchCase> qemu(BenchEnvironment environment, Map<String, String> facts)
      throws InterruptedException {
    try {
      facts.put("QEMU", QemuCase.version());
      return EqualCases.ofQemu(environment, settings.ramBytes());
    } catch (IOException e) {
      return goOnWithout("QEMU", "QEMU", e, facts);
    }
  }

  private List<BenchCase> goOnWithout(
      String key, String name, IOException reason, Map<String, String> facts) {
    say("goes on without " + name + ": " + reason.getMessage());
    facts.put(key, "none: " + reason.getMessage());
    return List.of();
  }

  private void measure(List<BenchCase> cases) throws InterruptedException {
    List<Schedule.Turn<BenchCase>> turns = Schedule.of(cases, settings.rounds());
    int done = 0;
    for (Schedule.Turn<BenchCase> turn : turns) {
      String name = turn.item().name();
      say(String.format("%d of %d: %s, round %d", ++done, turns.size(), name, turn.round() + 1));
      try {
        samples.add(name, turn.round(), turn.item().run(turn.round()));
      } catch (CannotRunException e) {
        problem(name, turn.round(), e, false);
      } catch (IOException e) {
        problem(name, turn.round(), e, true);
      }
    }
  }

  private void problem(String name, int round, Exception e, boolean failed) {
    String reason = String.valueOf(e.getMessage());
    samples.addProblem(name, round, reason, failed);
    say(name + (failed ? " FAILED: " : " does not run here: ") + reason);
  }

  private void tell(BenchResult result, @Nullable Path json, @Nullable Path html)
      throws IOException {
    out.print(TextReport.of(result));
    out.flush();
    if (json != null) {
      Files.writeString(json, JsonReport.of(result));
    }
    if (html != null) {
      Files.writeString(html, HtmlReport.of(result));
    }
  }

  private void say(String line) {
    err.println("faultline: " + line);
    err.flush();
  }
}
