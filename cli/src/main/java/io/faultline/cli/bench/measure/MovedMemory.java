package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.StockPrograms;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The memory server.
 *
 * @param reads pages to read at random; 0 for none
 * @param options of the program
 */
public record MovedMemory(int mebibytes, int reads, List<String> options) implements MovedProcess {
  @Override
  public Application application(StockPrograms stock, LabPrograms lab) {
    return Application.memoryServer(lab, mebibytes, options.toArray(String[]::new));
  }

  @Override
  public OptionalDouble work(LineClient client) throws IOException, InterruptedException {
    if (reads == 0) {
      return OptionalDouble.empty();
    }
    long start = System.nanoTime();
    MovedProcess.require(client, "RAND " + reads + " 1", "OK");
    return OptionalDouble.of(MovedProcess.perSecond(reads, start));
  }

  @Override
  public void check(LineClient client) throws IOException, InterruptedException {
    MovedProcess.require(client, "CHECK", "OK");
  }
}
