package io.faultline.cli.conformance;

import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.report.ResultFile;
import io.faultline.uffd.conformance.CellResult;
import io.faultline.uffd.conformance.Conformance;
import io.faultline.uffd.conformance.Engine;
import io.faultline.uffd.conformance.Matrix;
import io.faultline.uffd.conformance.Verdict;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline conformance}. */
final class ConformanceRun {
  private static final String JSON = "--json";
  private static final long STRESS_MILLIS = 1000;

  private final PrintWriter out;
  private final PrintWriter err;
  private final Conformance.Options options;

  ConformanceRun(CommandLine line, long seed, String only) {
    this.out = line.getOut();
    this.err = line.getErr();
    this.options = new Conformance.Options(seed, STRESS_MILLIS, only);
  }

  /**
   * Returns the exit code: whether no case failed and no result differs between the engines.
   *
   * @param json where to write the result; null for nowhere
   */
  int run(boolean kernel, boolean simulated, @Nullable Path json) {
    try (ResultOutput results = new ResultOutput(this::message, null)) {
      results.open(JSON, json);
      boolean good = run(kernel, simulated, results);
      return results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE);
    }
  }

  private void message(String line) {
    err.println("faultline: " + line);
    err.flush();
  }

  private boolean run(boolean kernel, boolean simulated, ResultOutput results) {
    List<Matrix> matrices = new ArrayList<>();
    if (kernel) {
      matrices.add(run(Conformance.kernel()));
    }
    if (simulated) {
      matrices.add(run(Conformance.simulated()));
    }
    List<String> differences = differences(matrices);
    out.flush();
    results.write(JSON, () -> ResultFile.text(toJson(matrices, differences)));
    boolean failed = matrices.stream().anyMatch(matrix -> matrix.count(Verdict.FAIL) > 0);
    return !failed && differences.isEmpty();
  }

  private Matrix run(Engine engine) {
    Matrix matrix = Conformance.run(engine, options, cell -> {});
    out.println(matrix.print());
    out.flush();
    return matrix;
  }

  private List<String> differences(List<Matrix> matrices) {
    if (matrices.size() < 2) {
      return List.of();
    }
    List<String> differences = matrices.getFirst().differences(matrices.getLast());
    out.println(
        differences.isEmpty()
            ? "no difference between the engines"
            : differences.size() + " differences between the engines:");
    differences.forEach(difference -> out.println("  " + difference));
    return differences;
  }

  private static ObjectNode toJson(List<Matrix> matrices, List<String> differences) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    ArrayNode engines = root.putArray("engines");
    for (Matrix matrix : matrices) {
      ObjectNode engine = engines.addObject();
      engine.put("engine", matrix.engine());
      engine.put("seed", matrix.seed());
      for (Verdict verdict : Verdict.values()) {
        engine.put(verdict.name().toLowerCase(Locale.ROOT), matrix.count(verdict));
      }
      ArrayNode cells = engine.putArray("cells");
      matrix.cells().forEach(cell -> put(cells.addObject(), cell));
    }
    ArrayNode array = root.putArray("differences");
    differences.forEach(array::add);
    return root;
  }

  private static void put(ObjectNode json, CellResult cell) {
    json.put("case", cell.name());
    json.put("memory", cell.memory().title());
    json.put("verdict", cell.verdict().name().toLowerCase(Locale.ROOT));
    if (!cell.reason().isEmpty()) {
      json.put("reason", cell.reason());
    }
    json.put("millis", cell.millis());
  }
}
