package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Ten restores of one dump, whose pages one page server serves: at the same time, or, as CRIU's
 * page server ends with its first client, one after the other; then the times are added up.
 *
 * @param stock whether the page server and the daemons are CRIU's
 */
public record CriuRestoresCase(CriuPrograms programs, boolean stock) implements BenchCase {
  private static final String KEY = "restores";
  private static final int RESTORES = 10;
  private static final int QUICK_RESTORES = 2;
  private static final int MIB = 64;
  private static final int QUICK_MIB = 16;
  private static final double NANOS_PER_MILLI = 1e6;

  @Override
  public String name() {
    return (stock ? CriuCase.STOCK : CriuCase.OWN) + KEY;
  }

  @Override
  public String counterpart() {
    return CriuCase.OWN + KEY;
  }

  @Override
  public ResultTable table() {
    return ResultTable.CRIU;
  }

  @Override
  public String title() {
    return (stock ? "CRIU: " : "Faultline: ")
        + mebibytes()
        + " MiB, "
        + restores()
        + " restores of one dump, "
        + (stock ? "one after the other" : "at once");
  }

  @Override
  public String command() {
    return "criu dump; "
        + (stock ? "criu" : "faultline")
        + " page-server --lazy-pages; ten times lazy-pages and criu restore --lazy-pages";
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    try (CriuLab lab = programs.open(restores())) {
      Application application = Application.memoryServer(programs.lab(), mebibytes());
      lab.source().start(application);
      lab.source().dump();
      for (DestinationHost each : lab.destinations()) {
        each.copyImages(lab.source());
      }
      DaemonProgram daemon = programs.daemon(stock);
      long nanos = 0;
      if (stock) {
        for (DestinationHost each : lab.destinations()) {
          nanos += restoreAll(lab, List.of(each), daemon);
        }
      } else {
        nanos = restoreAll(lab, lab.destinations(), daemon);
      }
      check(lab, application);
      return Map.of(Metric.ALL_PAGES, nanos / NANOS_PER_MILLI);
    } catch (LabUnavailableException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
  }

  private int restores() {
    return programs.quick() ? QUICK_RESTORES : RESTORES;
  }

  private int mebibytes() {
    return programs.quick() ? QUICK_MIB : MIB;
  }

  /** Returns the time from the first start of {@code criu restore} to the last end of a daemon. */
  private static long restoreAll(
      CriuLab lab, List<DestinationHost> destinations, DaemonProgram daemon)
      throws IOException, InterruptedException {
    HostCommand server = lab.source().servePages(daemon);
    int port = lab.source().pageServerPort(LinkSpeed.DIRECT);
    List<HostCommand> daemons = new ArrayList<>();
    for (DestinationHost each : destinations) {
      daemons.add(each.launchDaemon(daemon, port));
    }
    for (HostCommand each : daemons) {
      each.awaitReady(MovedProcess.LIMIT);
    }
    long start = System.nanoTime();
    List<HostCommand> restores = new ArrayList<>();
    for (DestinationHost each : destinations) {
      restores.add(each.startRestore());
    }
    long end = start;
    for (HostCommand each : daemons) {
      each.awaitSuccess(MovedProcess.LIMIT);
      end = Math.max(end, each.endNanos());
    }
    for (HostCommand each : restores) {
      each.awaitSuccess(MovedProcess.LIMIT);
    }
    server.kill(); // ours would serve further clients
    server.await(MovedProcess.LIMIT);
    return end - start;
  }

  private static void check(CriuLab lab, Application application)
      throws IOException, InterruptedException {
    for (DestinationHost each : lab.destinations()) {
      try (LineClient client = each.client(application.port())) {
        MovedProcess.require(client, "CHECK", "OK");
      }
    }
  }
}
