package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * One run of the C floor.
 *
 * @param counterpart the case that does the same or the closest work in Java
 * @param mode the mode of the program
 * @param prefix a command prefix; empty for none
 */
public record FloorCase(
    FloorProgram floor,
    ResultTable table,
    String counterpart,
    String mode,
    long bytes,
    List<String> prefix)
    implements BenchCase {
  @Override
  public String name() {
    return FLOOR_PREFIX + (mode.equals("raw") ? mode : counterpart);
  }

  @Override
  public String title() {
    return switch (mode) {
      case "idle" -> "C: idle link" + (prefix.isEmpty() ? "" : ", one CPU");
      case "bulk" -> "C: under bulk" + (prefix.isEmpty() ? "" : ", one CPU");
      case "place" -> "C: 4 KiB pages";
      default -> "C: one raw connection";
    };
  }

  @Override
  public String command() {
    return String.join(" ", floor.command(mode, bytes, prefix));
  }

  @Override
  public Map<Metric, Double> run(int round) throws IOException, InterruptedException {
    return FloorOutput.parse(floor.run(mode, bytes, prefix));
  }
}
