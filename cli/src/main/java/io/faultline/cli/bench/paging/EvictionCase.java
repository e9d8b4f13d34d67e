package io.faultline.cli.bench.paging;

import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Evicting dirty pages in runs of {@link #RUN_PAGES}, without writing them to a store.
 *
 * @param way how
 */
public record EvictionCase(PagingPrograms programs, Way way) implements BenchCase {
  /** How pages are evicted. */
  public enum Way {
    MOVE("paging-evict", "Faultline: evict 64 dirty pages, MOVE"),
    MOVE_AND_FREE("paging-evict-free", "Faultline: the same, and free the frames"),
    COPY("c-evict", "C: evict 64 dirty pages, WP + copy + DONTNEED");

    private final String caseName;
    private final String title;

    Way(String caseName, String title) {
      this.caseName = caseName;
      this.title = title;
    }
  }

  static final int RUN_PAGES = 64;
  private static final int ROUNDS = 15;

  @Override
  public String name() {
    return way.caseName;
  }

  @Override
  public String counterpart() {
    return way == Way.COPY ? Way.MOVE.caseName : name();
  }

  @Override
  public ResultTable table() {
    return ResultTable.PAGING;
  }

  @Override
  public String title() {
    return way.title;
  }

  @Override
  public String command() {
    String program = way == Way.COPY ? "evict-floor" : "java " + EvictionProgram.class.getName();
    return program + " " + String.join(" ", arguments());
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add(Integer.toString(RUN_PAGES));
    arguments.add(Integer.toString(ROUNDS));
    if (way == Way.MOVE_AND_FREE) {
      arguments.add("free");
    }
    return arguments;
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    List<String> command = new ArrayList<>();
    String floor = programs.evictFloor().toString();
    if (way == Way.COPY) {
      command.add(floor);
    } else {
      List<String> options = List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC");
      command.addAll(OwnProgram.command(EvictionProgram.class.getName(), options));
    }
    command.addAll(arguments());
    double nanos =
        MeasuredProcess.run(command, false, programs.scratch()).values().path("page_ns").asDouble();
    return Map.of(Metric.PAGE_NANOS, nanos);
  }
}
