package io.faultline.cli.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * One run of the C floor.
 *
 * @param counterpart the case that does the same work in Java, or comes nearest to it
 * @param mode of the program
 * @param prefix a command that starts it, or none
 */
record FloorCase(
    Floor floor, Figure figure, String counterpart, String mode, long bytes, List<String> prefix)
    implements BenchCase {
  static final String PREFIX = "floor-";

  @Override
  public String name() {
    return PREFIX + (mode.equals("raw") ? mode : counterpart);
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
