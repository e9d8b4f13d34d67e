package io.faultline.cli.bench.snapshots;

import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.paging.MeasuredProcess;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A guest of native code that writes to random pages as fast as it can, saved in one way.
 *
 * @param size suffix of the name
 * @param bytes its memory
 */
public record SnapshotCase(SnapshotPrograms programs, Way way, String size, long bytes)
    implements BenchCase {
  /** How the memory is saved. */
  public enum Way {
    FAULTLINE("snapshot", "Faultline"),
    QEMU("qemu-way", "C, QEMU's way"),
    PLAIN("plain", "C, the same bytes alone, no guest");

    private final String caseName;
    private final String title;

    Way(String caseName, String title) {
      this.caseName = caseName;
      this.title = title;
    }
  }

  private static final List<String> JVM_OPTIONS =
      List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m");

  @Override
  public String name() {
    return way.caseName + size;
  }

  @Override
  public String counterpart() {
    return Way.FAULTLINE.caseName + size;
  }

  @Override
  public ResultTable table() {
    return ResultTable.SNAPSHOTS;
  }

  @Override
  public String title() {
    return way.title + ", " + (bytes >> 20) + " MiB";
  }

  @Override
  public String command() {
    String arguments = String.join(" ", arguments(Path.of("FILE"), 0));
    return switch (way) {
      case FAULTLINE -> "java " + SnapshotProgram.class.getName() + " " + arguments + " writer.so";
      case QEMU -> "snapshot-peer qemu " + arguments;
      case PLAIN -> "snapshot-peer plain " + arguments;
    };
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    Path file = programs.prepare(bytes);
    List<String> command = new ArrayList<>();
    if (way == Way.FAULTLINE) {
      command.addAll(OwnProgram.command(SnapshotProgram.class.getName(), JVM_OPTIONS));
      command.addAll(arguments(file, round));
      command.add(programs.library().toString());
    } else {
      command.add(programs.peer().toString());
      command.add(way == Way.QEMU ? "qemu" : "plain");
      command.addAll(arguments(file, round));
    }
    JsonNode measured = MeasuredProcess.run(command, false, programs.scratch()).values();
    if (!measured.path("right").asBoolean(false)) {
      throw new IOException("the image is not that of the pause: " + measured);
    }
    return values(measured);
  }

  private List<String> arguments(Path file, int round) {
    return List.of(Long.toString(bytes), file.toString(), Long.toString(programs.seed() + round));
  }

  private Map<Metric, Double> values(JsonNode from) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    values.put(Metric.SAVE_TIME, from.path("total_ms").asDouble());
    if (way != Way.PLAIN) {
      values.put(Metric.PAUSE, from.path("pause_ms").asDouble());
      values.put(Metric.FAULTS, from.path("faults").asDouble());
      values.put(Metric.WRITE_P50, from.path("p50_us").asDouble());
      values.put(Metric.WRITE_P99, from.path("p99_us").asDouble());
      values.put(Metric.WRITE_MAX, from.path("max_us").asDouble() / 1000);
    }
    return values;
  }
}
