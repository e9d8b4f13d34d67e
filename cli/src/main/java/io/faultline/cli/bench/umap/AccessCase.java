package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** umap's own pfbenchmark, which accesses pages and validates what it reads. */
record AccessCase(UmapLab lab, Access access, PagedSystem system, UmapSettings.Size size)
    implements BenchCase {
  /** Random accesses are as many as half of the pages. */
  private static final int SHARE = 2;

  /** {@code umap,shuffle,read,2,2,48834}: the last one is nanoseconds of an access. */
  private static final Pattern RESULT = Pattern.compile("(?m)^[um]map,.*,(\\d+)$");

  private static final double NANOS_PER_MICRO = 1000;

  @Override
  public String name() {
    return counterpart() + system.suffix();
  }

  @Override
  public String counterpart() {
    return access.caseName();
  }

  @Override
  public ResultTable table() {
    return ResultTable.PFBENCHMARK;
  }

  @Override
  public String title() {
    return access.title() + ": " + system.title();
  }

  @Override
  public String command() {
    return system.byHand(size)
        + " "
        + String.join(" ", program(Path.of("FILE")).command(system.pageBytes()));
  }

  private PagedProgram program(Path file) {
    List<String> options = new ArrayList<>(access.options());
    if (access.needsFile()) {
      options.add("-a");
      options.add(Long.toString(size.dataBytes() / system.pageBytes() / SHARE));
    }
    if (!system.option().isEmpty()) {
      options.add(system.option());
    }
    return new PagedProgram(
        lab.build().program(access.program()), options, size, file, access.needsFile());
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException {
    if (access.needsFile()) {
      return run(lab.readFile(size));
    }
    Path file = lab.data().resolve("written");
    try {
      return run(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private Map<Metric, Double> run(Path file)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException {
    MeasuredProgram.Result result = system.run(lab, program(file), MeasuredProgram.LIMIT);
    Matcher nanos = RESULT.matcher(result.output());
    if (!nanos.find()) {
      throw new IOException("pfbenchmark has printed no result: " + result.output());
    }
    Map<Metric, Double> values = result.usage().values();
    values.put(Metric.ACCESS_TIME, Long.parseLong(nanos.group(1)) / NANOS_PER_MICRO);
    return values;
  }
}
