package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonLauncher;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.StockPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the cases of CRIU need: found and compiled when the first of them runs. Not thread-safe. */
public final class CriuPrograms {
  private final BenchEnvironment environment;
  private @Nullable StockPrograms stock;
  private @Nullable LabPrograms lab;
  private @Nullable List<String> own;

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

  /** CRIU's daemon, or ours as the launcher starts it: with an AOT cache where there can be one. */
  DaemonProgram daemon(boolean ofStock)
      throws IOException, InterruptedException, LabUnavailableException {
    return ofStock ? DaemonProgram.stock(stock()) : DaemonProgram.ofProject(own());
  }

  private List<String> own() throws IOException, InterruptedException {
    List<String> known = own;
    if (known == null) {
      known = DaemonLauncher.prepare(Files.createTempDirectory(environment.scratch(), "criu-jvm"));
      own = known;
    }
    return known;
  }
}
