package io.faultline.cli.bench.snapshots;

import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.measure.ProgramRunner;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code demo --snapshot}: a VM of a kind with two busy vCPUs in a JVM that has just been started,
 * verified at its end.
 *
 * @param kind as {@code --vm} has it
 * @param bytes its memory
 */
public record DemoSnapshotCase(SnapshotPrograms programs, String kind, long bytes)
    implements BenchCase {
  private static final String MAIN = "io.faultline.cli.Main";
  private static final long LIMIT_SECONDS = 600;

  @Override
  public String name() {
    return "snapshot-" + kind;
  }

  @Override
  public ResultTable table() {
    return ResultTable.SNAPSHOTS;
  }

  @Override
  public String title() {
    return "demo --snapshot, " + kind + ", " + (bytes >> 20) + " MiB";
  }

  @Override
  public String command() {
    return "./faultline " + String.join(" ", arguments(Path.of("FILE"), Path.of("JSON"), 0));
  }

  private List<String> arguments(Path file, Path json, int round) {
    return List.of(
        "demo",
        "--snapshot=" + file,
        "--vm=" + kind,
        "--ram=" + bytes,
        "--workload=uniform",
        "--seed=" + (programs.seed() + round),
        "--json=" + json,
        "--quiet");
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    if (kind.equals("kvm")) {
      programs.requireKvm();
    }
    Path file = programs.prepare(bytes);
    Path json = Files.createTempFile(programs.scratch(), "demo", ".json");
    List<String> command =
        new ArrayList<>(
            OwnProgram.command(MAIN, ManagementFactory.getRuntimeMXBean().getInputArguments()));
    command.addAll(arguments(file, json, round));
    ProgramRunner.run(command, LIMIT_SECONDS);
    JsonNode result = JsonMapper.shared().readTree(Files.readString(json));
    JsonNode snapshot = result.path("snapshot");
    return Map.of(
        Metric.PAUSE, snapshot.path("pause_ms").asDouble(),
        Metric.SAVE_TIME, snapshot.path("total_ms").asDouble(),
        Metric.FAULTS, snapshot.path("faults").path("saving").asDouble(),
        Metric.BLOCKED, result.path("blocktime_ms").path("total").asDouble());
  }
}
