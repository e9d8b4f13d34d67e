package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.criu.StockPrograms;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the cases of CRIU need: found and compiled when the first of them runs. Not thread-safe. */
public final class CriuPrograms {
  private final BenchEnvironment environment;
  private @Nullable StockPrograms stock;
  private @Nullable LabPrograms lab;

  public CriuPrograms(BenchEnvironment environment) {
    this.environment = environment;
  }

  /** Whether cases shall be small. */
  boolean quick() {
    return environment.quick();
  }

  CriuLab open(int destinations) throws IOException, InterruptedException, LabUnavailableException {
    return CriuLab.open(environment.scratch(), lab(), stock(), destinations);
  }

  StockPrograms stock() throws LabUnavailableException {
    StockPrograms found = stock == null ? StockPrograms.find() : stock;
    stock = found;
    return found;
  }

  LabPrograms lab() throws IOException, InterruptedException, LabUnavailableException {
    LabPrograms compiled = lab;
    if (compiled == null) {
      Path directory = Files.createTempDirectory(environment.scratch(), "criu-programs");
      compiled = LabPrograms.compile(directory);
      lab = compiled;
    }
    return compiled;
  }

  /** CRIU's daemon, or ours with this JVM's flags other than its heap sizes. */
  DaemonProgram daemon(boolean ofStock) throws LabUnavailableException {
    if (ofStock) {
      return DaemonProgram.stock(stock());
    }
    List<String> options =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(each -> !each.startsWith("-Xm"))
            .toList();
    return DaemonProgram.ofProject(OwnProgram.command("io.faultline.cli.Main", options));
  }
}
