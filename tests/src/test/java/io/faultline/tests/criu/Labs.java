package io.faultline.tests.criu;

import static org.junit.jupiter.api.Assumptions.abort;

import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.StockPrograms;
import io.faultline.tests.process.FastJvmOptions;
import io.faultline.tests.process.Jar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Opens labs for the tests of a class, and closes those of a test after it, however it ended. Skips
 * all tests of the class where there can be no lab. Registered in a static field.
 */
final class Labs implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  /** For steps of a second or two on an idle machine. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  /** Empty for the newest CRIU that there is. */
  private final String suite;

  private final List<CriuLab> open = new ArrayList<>();
  private @Nullable Path directory;
  private @Nullable StockPrograms stock;
  private @Nullable LabPrograms programs;

  Labs() {
    this("");
  }

  /**
   * @param suite the Debian suite whose CRIU the labs have
   */
  Labs(String suite) {
    this.suite = suite;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
    Path created = Files.createTempDirectory("faultline-criu");
    directory = created;
    try {
      stock = suite.isEmpty() ? StockPrograms.find() : StockPrograms.ofSuite(suite);
      programs = LabPrograms.compile(created);
    } catch (LabUnavailableException e) {
      abort(e.getMessage());
    }
  }

  /** A source and one destination. */
  CriuLab open() throws IOException, InterruptedException {
    return open(1);
  }

  /** A source and several destinations. */
  CriuLab open(int destinations) throws IOException, InterruptedException {
    try {
      CriuLab lab = CriuLab.open(required(directory), programs(), stock(), destinations);
      open.add(lab);
      return lab;
    } catch (LabUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  LabPrograms programs() {
    return required(programs);
  }

  StockPrograms stock() {
    return required(stock);
  }

  /** CRIU's own daemon. */
  DaemonProgram stockDaemon() {
    try {
      return DaemonProgram.stock(stock());
    } catch (LabUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  /** The daemon of this project, from its jar. */
  DaemonProgram ownDaemon() {
    List<String> launcher = new ArrayList<>(List.of(Jar.java().toString()));
    launcher.addAll(FastJvmOptions.of(false));
    launcher.addAll(List.of("-jar", Jar.find().toString()));
    return DaemonProgram.ofProject(launcher);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    open.forEach(CriuLab::close);
    open.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    try (Stream<Path> walk = Files.walk(required(directory))) {
      for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static <T> T required(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("no test is running");
    }
    return value;
  }
}
